// SPDX-License-Identifier: MIT
// A cell of a matrix, and where the keys lead from it.
import type { Matrix } from '../matrix.js';

export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** The cell that `event` leads to; undefined for a key that moves nothing. */
export function arrowTarget(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey'>,
  { row, column }: Cell,
  { rows, columns }: Matrix,
): Cell | undefined {
  switch (event.key) {
    case 'ArrowUp':
      return { row: Math.max(0, row - 1), column };
    case 'ArrowDown':
      return { row: Math.min(rows - 1, row + 1), column };
    case 'ArrowLeft':
      return { row, column: Math.max(0, column - 1) };
    case 'ArrowRight':
      return { row, column: Math.min(columns - 1, column + 1) };
    case 'Home':
      return { row: event.ctrlKey ? 0 : row, column: 0 };
    case 'End':
      return { row: event.ctrlKey ? rows - 1 : row, column: columns - 1 };
    default:
      return undefined;
  }
}
