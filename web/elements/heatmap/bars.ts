// SPDX-License-Identifier: MIT
// What one row of a heat map looks at most, as bars.
import { html, type TemplateResult } from 'lit';
import { at } from '../matrix.js';
import { weightText } from '../format.js';
import { spoken, written } from '../tick.js';
import type { AttentionKind, View } from '../attention.js';
import type { Messages } from '../messages.js';

const MOST = 6;
/** What is written as 0.000 is no look. */
const SMALLEST = 0.0005;

export function rowBars(
  view: View,
  row: number,
  kind: AttentionKind,
  say: Messages,
): TemplateResult {
  const tick = view.rows[row];
  const columns = view.columns
    .map((column, j) => ({ column, weight: at(view.matrix, row, j) }))
    .filter(({ weight }) => weight >= SMALLEST)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST);
  return html`<div class="bars">
    <h3>${tick ? say.rowLooks(kind, spoken(tick, say)) : ''}</h3>
    <ol>
      ${columns.map(
        ({ column, weight }) =>
          html`<li>
            ${written(column)} <span>${weightText(weight)}</span>
            <i .style=${`--part: ${100 * weight}%`}></i>
          </li>`,
      )}
    </ol>
  </div>`;
}
