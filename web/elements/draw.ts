// SPDX-License-Identifier: MIT
// A matrix becomes pixels and a plan: where its cells and names stand.
import { palette, paletteIndex } from './scale.js';
import type { Matrix } from './matrix.js';
import type { Tick } from './axis.js';

/** One pixel for each cell; the style sheet enlarges it without smoothing. */
export function paint(canvas: HTMLCanvasElement, matrix: Matrix, isDark: boolean): void {
  canvas.width = Math.max(1, matrix.columns);
  canvas.height = Math.max(1, matrix.rows);
  const context = canvas.getContext('2d');
  if (!context || matrix.values.length === 0) return;

  const colours = palette(isDark);
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; ++i) {
    pixels[i] = colours[paletteIndex(matrix.values[i] ?? 0)] ?? 0;
  }
  context.putImageData(image, 0, 0);
}

/** Where a heat map's parts stand, in CSS pixels. */
export interface Plan {
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** False where the cells are too small to be named. */
  readonly named: boolean;
  /** Column names stand upright, not slanted. */
  readonly upright: boolean;
}

const WIDEST_CELL = 72;
const HIGHEST_CELL = 40;
const SMALLEST_NAMED_CELL = 13;
const GAP = 8;
const LONGEST_NAME = 120;
const SLANT = Math.SQRT1_2;

/**
 * @param available - pixels across
 * @param measure - how wide a name is, in pixels
 */
export function plan(
  rows: readonly Tick[],
  columns: readonly Tick[],
  available: number,
  measure: (text: string) => number,
): Plan {
  const widest = (ticks: readonly Tick[]) =>
    Math.min(LONGEST_NAME, Math.max(0, ...ticks.map((tick) => measure(tick.text))));
  const rowNames = widest(rows) + GAP;
  const columnNames = widest(columns);
  const smallest = smallestCell(Math.max(rows.length, columns.length));
  const fit = (right: number) => {
    const cell = Math.floor((available - rowNames - right) / Math.max(1, columns.length));
    return Math.max(smallest, Math.min(WIDEST_CELL, cell));
  };

  // names that are wider than a cell lean to the right, the last one over the edge
  const upright = columnNames <= fit(GAP) - GAP;
  const overhang = upright ? GAP : columnNames * SLANT;
  const cellWidth = fit(overhang);
  const cellHeight = Math.min(cellWidth, HIGHEST_CELL);

  const named = cellHeight >= SMALLEST_NAMED_CELL;
  const left = named ? rowNames : 0;
  const top = named ? (upright ? 24 : columnNames * SLANT + 20) : 0;
  return {
    cellWidth,
    cellHeight,
    left,
    top,
    width: left + cellWidth * columns.length + (named ? overhang : 0),
    height: top + cellHeight * rows.length + 4,
    named,
    upright,
  };
}

/** Long sentences scroll, but no picture grows beyond about two thousand pixels. */
function smallestCell(count: number): number {
  if (count <= 48) return 22;
  if (count <= 100) return 14;
  return count <= 200 ? 8 : 4;
}
