// SPDX-License-Identifier: MIT
// Attention that remembers where it has looked, so as to look elsewhere.
import type { MaskLike, Tensor, TensorLike } from './tensor-types.js';

/** What coverage attention learns, of a hidden width M. */
export interface CoverageParameters {
  /** W (M, D) */
  query: TensorLike;
  /** U (M, Dk) */
  key: TensorLike;
  /** w_c (M) */
  coverage: TensorLike;
  /** v (M) */
  vector: TensorLike;
  /** b (M). Default 0. */
  bias?: TensorLike;
}

export interface CoverageOptions {
  parameters: CoverageParameters;
  /** (B) how many keys each batch entry has; the later ones are padding. */
  keyLengths?: readonly number[];
  /** (B, S) or (B, L, S): where a query may look. */
  mask?: MaskLike;
  /** (B, S) the coverage before the first query. Default 0. */
  initial?: TensorLike;
}

export interface CoverageAttention {
  /** (B, L, Dv) */
  readonly output: Tensor;
  /** (B, L, S) */
  readonly weights: Tensor;
  /** (B, L + 1, S): row t is what query t found; the last is the next `initial`. */
  readonly coverage: Tensor;
  /** (B, L): what looking at the same place again costs, for each query. */
  readonly loss: Tensor;
}
