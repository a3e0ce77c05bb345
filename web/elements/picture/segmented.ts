// SPDX-License-Identifier: MIT
// A row of buttons of which one is chosen.
import { html, type TemplateResult } from 'lit';

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
