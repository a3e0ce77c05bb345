// SPDX-License-Identifier: MIT
// One attention matrix: what a picture shows of a (layers, H, L, S) tensor.
import type { TensorData } from 'regard';

/** `rows` queries, `columns` keys, row-major; every row of attention sums to 1. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** In place of a head: the mean of all heads of the layer. */
export const MEAN = -1;

/** Layer `layer`, head `head` of a (layers, H, L, S) tensor; `MEAN` averages the heads. */
export function headMatrix(tensor: TensorData, layer: number, head: number): Matrix {
  const [, heads = 0, rows = 0, columns = 0] = tensor.shape;
  const size = rows * columns;
  const first = layer * heads * size;
  if (head !== MEAN) {
    const begin = first + head * size;
    return { rows, columns, values: tensor.data.subarray(begin, begin + size) };
  }

  const values = new Float32Array(size);
  for (let h = 0; h < heads; ++h) {
    for (let i = 0; i < size; ++i) values[i]! += tensor.data[first + h * size + i]! / heads;
  }
  return { rows, columns, values };
}

/**
 * Pieces become words: a word's column is the sum of its pieces' columns, its row the mean of
 * their rows, so that every row still sums to 1.
 *
 * @param rowGroups - for each row its word, counted from 0 without gaps
 * @param columnGroups - for each column its word
 */
export function mergeWords(
  matrix: Matrix,
  rowGroups: readonly number[],
  columnGroups: readonly number[],
): Matrix {
  const rows = groupCount(rowGroups);
  const columns = groupCount(columnGroups);
  const pieces = new Float32Array(rows);
  for (const group of rowGroups) pieces[group]! += 1;

  const values = new Float32Array(rows * columns);
  rowGroups.forEach((row, i) => {
    columnGroups.forEach((column, j) => {
      values[row * columns + column]! += matrix.values[i * matrix.columns + j]! / pieces[row]!;
    });
  });
  return { rows, columns, values };
}

/** The column that row `row` looks at most. */
export function strongest(matrix: Matrix, row: number): number {
  let best = 0;
  for (let j = 1; j < matrix.columns; ++j) {
    if (at(matrix, row, j) > at(matrix, row, best)) best = j;
  }
  return best;
}

export function at(matrix: Matrix, row: number, column: number): number {
  return matrix.values[row * matrix.columns + column] ?? 0;
}

function groupCount(groups: readonly number[]): number {
  return groups.length === 0 ? 0 : groups[groups.length - 1]! + 1;
}
