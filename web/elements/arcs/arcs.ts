// SPDX-License-Identifier: MIT
// Arcs over and under a line of words: where each stands and how it bends.
import { scaleLinear } from 'd3-scale';
import { at, type Matrix } from '../matrix.js';
import type { Tick } from '../axis.js';

export interface Arc {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

export interface Place {
  /** Of the word's middle. */
  readonly x: number;
  readonly width: number;
}

/** Fainter arcs are left out while all words are shown at once. */
export const FAINT = 0.05;
const GAP = 18;
const PADDING = 9;
const TALLEST = 170;

export const strokeWidth = scaleLinear().domain([0, 1]).range([0.5, 9]).clamp(true);
export const strokeOpacity = scaleLinear().domain([0, 0.6]).range([0.15, 0.95]).clamp(true);

/** The words one after the other on a line. */
export function placeWords(ticks: readonly Tick[], measure: (text: string) => number): Place[] {
  let right = 2;
  return ticks.map((tick) => {
    const width = Math.max(24, measure(tick.text) + 2 * PADDING);
    const x = right + width / 2;
    right += width + GAP;
    return { x, width };
  });
}

/** All arcs that carry at least `least`; those of one word if `from` is given. */
export function arcsOf(matrix: Matrix, least: number, from?: number): Arc[] {
  const arcs: Arc[] = [];
  for (let row = 0; row < matrix.rows; ++row) {
    if (from !== undefined && row !== from) continue;
    for (let column = 0; column < matrix.columns; ++column) {
      const weight = at(matrix, row, column);
      if (weight >= least) arcs.push({ from: row, to: column, weight });
    }
  }
  // the strongest are drawn last, on top
  return arcs.sort((a, b) => a.weight - b.weight);
}

/** How far an arc over `distance` pixels rises. */
export function rise(distance: number): number {
  return Math.min(TALLEST, 12 + 0.36 * distance);
}

/** The path of an arc, from `y` upwards if it leads to a later word, else downwards. */
export function arcPath(from: number, to: number, above: number, below: number): string {
  const later = to > from;
  const y = later ? above : below;
  const bend = ((later ? -1 : 1) * 4 * rise(Math.abs(to - from))) / 3;
  return `M${from} ${y}C${from} ${y + bend} ${to} ${y + bend} ${to} ${y}`;
}
