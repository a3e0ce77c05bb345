// SPDX-License-Identifier: MIT
// Attention in double precision, written to be read: the oracle of the package's tests.

/** (B, H, rows, columns) as nested arrays. */
export type Nested4 = number[][][][];

export interface ReferenceOptions {
  scale?: number;
  causal?: 'none' | 'top-left' | 'bottom-right';
  keyLengths?: number[];
}

export function attention(
  q: Nested4,
  k: Nested4,
  v: Nested4,
  { scale, causal = 'none', keyLengths }: ReferenceOptions = {},
): { output: Nested4; weights: Nested4 } {
  const weights = q.map((heads, b) =>
    heads.map((queries, h) => {
      const keys = k[b]![h]!;
      const factor = scale ?? 1 / Math.sqrt(queries[0]?.length ?? 1);
      return queries.map((query, i) => {
        const last = {
          none: Infinity,
          'top-left': i,
          'bottom-right': i + keys.length - queries.length,
        };
        const seen = (j: number) => j <= last[causal] && j < (keyLengths?.[b] ?? Infinity);
        return softmax(keys.map((key, j) => (seen(j) ? factor * dot(query, key) : -Infinity)));
      });
    }),
  );
  const output = weights.map((heads, b) =>
    heads.map((rows, h) =>
      rows.map((row) => {
        const values = v[b]![h]!;
        return values[0]!.map((_, d) =>
          dot(
            row,
            values.map((value) => value[d]!),
          ),
        );
      }),
    ),
  );
  return { output, weights };
}

/** Of a row without a finite score: zeros. */
function softmax(scores: number[]): number[] {
  const most = Math.max(...scores);
  if (most === -Infinity) return scores.map(() => 0);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
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
