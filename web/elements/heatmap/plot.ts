// SPDX-License-Identifier: MIT
// What stands on and around the cells of a heat map, as SVG and styles.
import { svg, type TemplateResult } from 'lit';
import type { View } from '../attention.js';
import type { Plan } from '../draw.js';
import { drawn } from '../tick.js';
import type { Cell } from './cell.js';

/** The pieces or words along the edges; those of the current cell stand out. */
export function names(shown: View, place: Plan, here: Cell): TemplateResult {
  const { cellWidth, cellHeight, left, top } = place;
  const rows = shown.rows.map(
    (tick, i) => svg`<text class=${i === here.row ? 'here' : ''} lang=${tick.lang}
      x=${left - 8} y=${top + cellHeight * (i + 0.5)} dy="0.35em" text-anchor="end">${drawn(tick)}</text>`,
  );
  const columns = shown.columns.map((tick, j) => {
    const x = left + cellWidth * (j + 0.5);
    const turn = place.upright ? '' : `rotate(-45 ${x + 4} ${top - 8})`;
    return svg`<text class=${j === here.column ? 'here' : ''} lang=${tick.lang}
      x=${place.upright ? x : x + 4} y=${top - 8} transform=${turn}
      text-anchor=${place.upright ? 'middle' : 'start'}>${drawn(tick)}</text>`;
  });
  return svg`${rows}${columns}`;
}

/** Lines in the colour of the surface part the cells where these are large enough. */
export function gridLines(rows: number, columns: number, place: Plan): TemplateResult {
  const { cellWidth, cellHeight, left, top } = place;
  if (cellHeight < 8) return svg``;
  const right = left + cellWidth * columns;
  const bottom = top + cellHeight * rows;
  const inner = (count: number) => Array.from({ length: count - 1 }, (_, i) => i + 1);
  const down = inner(columns).map((j) => `M${left + cellWidth * j} ${top}V${bottom}`);
  const across = inner(rows).map((i) => `M${left} ${top + cellHeight * i}H${right}`);
  return svg`<path class="lines" d=${[...down, ...across].join('')}></path>`;
}

/** The style of a box that covers `rows` × `columns` cells from `cell` on. */
export function box(place: Plan, cell: Cell, rows: number, columns: number): string {
  const { cellWidth, cellHeight, left, top } = place;
  return `left:${left + cellWidth * cell.column}px; top:${top + cellHeight * cell.row}px;
    width:${cellWidth * columns}px; height:${cellHeight * rows}px`;
}
