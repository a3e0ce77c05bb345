// SPDX-License-Identifier: MIT
// The scores of one head in double precision, written to be read: every query (L, D) against every
// key (S, Dk), as (L, S).
import type { Score } from '../../bindings/js/types.js';

/** Rows of one width, one after the other. */
export interface Matrix {
  readonly rows: number;
  readonly width: number;
  readonly data: ArrayLike<number>;
}

export interface Parameters {
  readonly query?: Matrix | undefined;
  readonly key?: Matrix | undefined;
  readonly vector?: Matrix | undefined;
}

/** A Bᵀ: each row of `a` times each row of `b`. */
export function products(a: Matrix, b: Matrix): Matrix & { data: Float64Array } {
  const data = new Float64Array(a.rows * b.rows);
  const { width } = a;
  for (let i = 0; i < a.rows; ++i) {
    for (let j = 0; j < b.rows; ++j) {
      let sum = 0;
      for (let d = 0; d < width; ++d) sum += a.data[i * width + d]! * b.data[j * width + d]!;
      data[i * b.rows + j] = sum;
    }
  }
  return { rows: a.rows, width: b.rows, data };
}

export function transposed({ rows, width, data }: Matrix): Matrix {
  const turned = Float64Array.from({ length: rows * width }, (_, i) => {
    return data[(i % rows) * width + Math.floor(i / rows)]!;
  });
  return { rows: width, width: rows, data: turned };
}

export function scores(
  score: Score,
  q: Matrix,
  k: Matrix,
  { query, key, vector }: Parameters,
): Float64Array {
  switch (score) {
    case 'general': // qᵀ W k
      return products(products(q, transposed(query!)), k).data;
    case 'additive': // vᵀ tanh(W q + U k)
      return sumsOfTanh(query ? products(q, query) : q, key ? products(k, key) : k, vector!);
    case 'concat': // vᵀ tanh(W [q; k])
      return sumsOfTanh(
        products(q, columns(query!, 0, q.width)),
        products(k, columns(query!, q.width, k.width)),
        vector!,
      );
    case 'cosine': // q·k / (|q| |k|)
      return products(units(q), units(k)).data;
    case 'location': // W q
      return products(q, { ...query!, rows: k.rows }).data;
    default:
      return products(q, k).data;
  }
}

/** vᵀ tanh(a + b) for rows a of q and b of k. */
function sumsOfTanh(q: Matrix, k: Matrix, vector: Matrix): Float64Array {
  const { width } = q;
  return Float64Array.from({ length: q.rows * k.rows }, (_, at) => {
    const [i, j] = [Math.floor(at / k.rows), at % k.rows];
    let sum = 0;
    for (let m = 0; m < width; ++m) {
      sum += vector.data[m]! * Math.tanh(q.data[i * width + m]! + k.data[j * width + m]!);
    }
    return sum;
  });
}

function columns(x: Matrix, begin: number, width: number): Matrix {
  const data = Float64Array.from({ length: x.rows * width }, (_, i) => {
    return x.data[Math.floor(i / width) * x.width + begin + (i % width)]!;
  });
  return { rows: x.rows, width, data };
}

/** Each row over its length; a row of zeros stays. */
function units({ rows, width, data }: Matrix): Matrix {
  const lengths = Float64Array.from({ length: rows }, (_, i) => {
    let squares = 0;
    for (let d = 0; d < width; ++d) squares += data[i * width + d]! ** 2;
    return Math.sqrt(squares) || 1;
  });
  const scaled = Float64Array.from({ length: rows * width }, (_, i) => {
    return data[i]! / lengths[Math.floor(i / width)]!;
  });
  return { rows, width, data: scaled };
}
