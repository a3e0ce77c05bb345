// SPDX-License-Identifier: MIT
// A row of buttons of which one is chosen.
import { css, html, type TemplateResult } from 'lit';

export interface Segmented<Choice extends string> {
  label: string;
  choices: readonly (readonly [value: Choice, name: string])[];
  chosen: Choice;
  choose: (value: Choice) => void;
}

export function segmented<Choice extends string>(options: Segmented<Choice>): TemplateResult {
  const { label, choices, chosen, choose } = options;
  return html`<div class="segmented" role="group" aria-label=${label}>
    ${choices.map(
      ([value, name]) =>
        html`<button
          type="button"
          aria-pressed=${value === chosen}
          data-value=${value}
          @click=${() => choose(value)}
        >
          ${name}
        </button>`,
    )}
  </div>`;
}

export const segmentedStyles = css`
  .segmented {
    display: inline-flex;
    flex-wrap: wrap;
    padding: 3px;
    gap: 2px;
    border-radius: var(--radius);
    background: var(--sunken);
    box-shadow: inset 0 0 0 1px var(--line);
  }
  .segmented button {
    border: 0;
    padding: 0.3rem 0.75rem;
    min-height: 2rem;
    border-radius: calc(var(--radius) - 3px);
    background: none;
    color: var(--soft);
    font-size: 0.875rem;
    cursor: pointer;
  }
  .segmented button:hover {
    color: var(--ink);
  }
  .segmented button[aria-pressed='true'] {
    background: var(--surface);
    color: var(--ink);
    font-weight: 600;
    box-shadow:
      0 1px 2px rgb(0 0 0 / 12%),
      0 0 0 1px var(--line);
  }
`;
