// SPDX-License-Identifier: MIT
// Where a sentence is typed, with sentences to begin with.
import { css, html, type TemplateResult } from 'lit';

export interface Field {
  label: string;
  /** The language of what is typed. */
  lang: string;
  /** Names the examples. */
  invitation: string;
  placeholder: string;
  text: string;
  examples: readonly string[];
  change: (text: string) => void;
}

export function field(options: Field): TemplateResult {
  const { label, lang, invitation, placeholder, text, examples, change } = options;
  const typed = (event: Event) => change((event.currentTarget as HTMLTextAreaElement).value);
  return html`
    <label class="name" for="source">${label}</label>
    <textarea
      id="source"
      lang=${lang}
      rows="2"
      autocomplete="off"
      autocapitalize="sentences"
      placeholder=${placeholder}
      .value=${text}
      @input=${typed}
    ></textarea>
    <div class="examples" role="group" aria-label=${invitation}>
      <span class="note" aria-hidden="true">${invitation}</span>
      ${examples.map(
        (example) =>
          html`<button type="button" lang=${lang} @click=${() => change(example)}>
            ${example}
          </button>`,
      )}
    </div>
  `;
}

export const fieldStyles = css`
  .name {
    display: block;
    font-size: 0.8125rem;
    font-weight: 600;
    color: var(--soft);
    letter-spacing: 0.02em;
  }
  textarea {
    display: block;
    width: 100%;
    min-height: 4rem;
    max-height: 18rem;
    margin-top: 0.25rem;
    padding: 0.5rem 0;
    field-sizing: content;
    resize: vertical;
    border: 0;
    background: none;
    color: var(--ink);
    font-size: var(--sentence-size, 1.5rem);
    line-height: 1.4;
  }
  @supports (field-sizing: content) {
    textarea {
      resize: none;
    }
  }
  textarea::placeholder {
    color: var(--soft);
    opacity: 1;
  }
  textarea:focus-visible {
    outline: none;
  }
  .examples {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.375rem;
  }
  .examples button {
    border: 1px solid var(--line);
    border-radius: 999px;
    background: none;
    color: var(--soft);
    padding: 0.2rem 0.7rem;
    min-height: 1.875rem;
    font-size: 0.8125rem;
    cursor: pointer;
  }
  .examples button:hover {
    color: var(--ink);
    border-color: var(--soft);
  }
`;
