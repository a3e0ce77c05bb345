// SPDX-License-Identifier: MIT
// What follows when parts of the attention are switched off.
import { html, type TemplateResult } from 'lit';
import type { Hypothesis } from 'regard';
import { weightText } from '../format.js';
import type { Messages } from '../messages.js';

/** `now` was translated with `places` parts off, `whole` with none. */
export function consequences(
  now: Hypothesis,
  whole: Hypothesis,
  places: number,
  say: Messages,
): TemplateResult {
  const scores = say.scores(weightText(whole.score), weightText(now.score));
  return html`
    <p class="note">${say.changed(places)}</p>
    <p class="note unchanged">${say.unchanged(whole.text)}</p>
    <p class="note">${scores}</p>
  `;
}
