// SPDX-License-Identifier: MIT
// The other hypotheses that a search ended with.
import { html, nothing, type TemplateResult } from 'lit';
import type { Hypothesis } from 'regard';
import { weightText } from '../format.js';
import type { Messages } from '../messages.js';

/** `alternatives` holds the best one first, which is not shown again. */
export function candidates(
  alternatives: readonly Hypothesis[],
  lang: string,
  say: Messages,
): TemplateResult | typeof nothing {
  if (alternatives.length < 2) return nothing;
  return html`<details class="candidates">
    <summary>${say.alternatives}</summary>
    <ol start="2">
      ${alternatives
        .slice(1)
        .map(
          ({ text, score }) =>
            html`<li>
              <span lang=${lang}>${text}</span> <small>${say.score} ${weightText(score)}</small>
            </li>`,
        )}
    </ol>
  </details>`;
}
