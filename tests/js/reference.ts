// SPDX-License-Identifier: MIT
// The oracle of tests/spec for nested arrays, and numbers to compute with.
import type { AttentionOptions, TensorData } from '../../bindings/js/index.node.js';
import { reference } from '../spec/reference.js';

/** (B, H, rows, columns) as nested arrays. */
export type Nested4 = number[][][][];

/** Operands of four axes, and the options without a layout. */
export function attention(
  q: Nested4,
  k: Nested4,
  v: Nested4,
  options: AttentionOptions = {},
): { output: Nested4; weights: Nested4 } {
  const asked = { ...options, weights: true };
  const { sizes, output, weights } = reference(flat(q), flat(k), flat(v), asked);
  const { B, H, L, T, Dv } = sizes;
  return { output: nested(output, [B, H, L, Dv]), weights: nested(weights, [B, H, L, T]) };
}

function flat(x: Nested4): TensorData {
  const shape = [x.length, x[0]!.length, x[0]![0]!.length, x[0]![0]![0]!.length];
  return { shape, data: Float32Array.from(x.flat(3)) };
}

function nested(numbers: Float64Array, shape: readonly number[]): Nested4 {
  let at = 0;
  const fill = (axis: number): unknown =>
    axis === shape.length
      ? numbers[at++]
      : Array.from({ length: shape[axis]! }, () => fill(axis + 1));
  return fill(0) as Nested4;
}

/** Numbers in -1 … 1, the same for the same seed. */
export function random(seed: number, ...shape: number[]): Nested4 {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(state / 2 ** 31 - 1);
  };
  const fill = (axis: number): unknown =>
    axis === shape.length ? next() : Array.from({ length: shape[axis]! }, () => fill(axis + 1));
  return fill(0) as Nested4;
}

export function greatestDifference(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b);
  const [left, right] = [a as unknown[], b as unknown[]];
  if (left.length !== right.length) return Infinity;
  return left.reduce<number>((most, x, i) => Math.max(most, greatestDifference(x, right[i])), 0);
}
