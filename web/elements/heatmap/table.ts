// SPDX-License-Identifier: MIT
// A matrix as an HTML table: what the heat map shows, for those who read rather than look.
import { html, nothing, type TemplateResult } from 'lit';
import { at } from '../matrix.js';
import { weightText } from '../format.js';
import { written } from '../tick.js';
import type { Messages } from '../messages.js';
import type { View } from '../attention.js';

/** Beyond this many rows or columns a table is cut, and says so. */
const MOST = 40;

export function weightTable(view: View, caption: string, say: Messages): TemplateResult {
  const rows = view.rows.slice(0, MOST);
  const columns = view.columns.slice(0, MOST);
  const cut = rows.length < view.rows.length || columns.length < view.columns.length;
  return html`
    <div class="table" role="region" tabindex="0" aria-label=${caption}>
      <table>
        <caption>
          ${caption}${
            cut ? html`<br />${say.tableCut(MOST, view.rows.length, view.columns.length)}` : nothing
          }
        </caption>
        <thead>
          <tr>
            <td></td>
            ${columns.map((tick) => html`<th scope="col">${written(tick)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (tick, i) =>
              html`<tr>
                <th scope="row">${written(tick)}</th>
                ${columns.map((_, j) => html`<td>${weightText(at(view.matrix, i, j))}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  `;
}
