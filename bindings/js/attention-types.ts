// SPDX-License-Identifier: MIT
// Everything that one attention can be told, and what it gives. The same options, by the same names
// in snake_case, are in src/attention/options.h. Long, because it is the front page of attention.
import type { MaskLike, PlainTensor, Tensor, TensorLike } from './tensor-types.js';

/**
 * Whose rules hold where libraries differ. 'onnx' is the newest opset, 'onnx-25'.
 *
 * | convention        | a mask's `true` | causal, L ≠ S            | empty row | hidden scores    |
 * | ----------------- | --------------- | ------------------------ | --------- | ---------------- |
 * | none (default)    | attends         | refused: name the origin | zeros     | -∞               |
 * | 'onnx-23' … '-25' | attends         | past, lengths, or 0      | zeros     | -∞               |
 * | 'torch'           | attends         | top left                 | zeros     | -∞               |
 * | 'torch-mha'       | **hides**       | top left                 | NaN       | -∞               |
 * | 'keras'           | attends         | top left                 | zeros     | -1e9 added       |
 * | 'keras-attention' | attends         | top left                 | uniform   | -1e9 added       |
 * | 'jax'             | attends         | top left                 | uniform   | -0.7 · float max |
 * | 'd2l'             | attends         | refused: name the origin | uniform   | -1e6             |
 *
 * Operands of four axes are (B, H, L, D), for 'keras' and 'jax' (B, L, H, D). A mask of three axes
 * beside four is (H, L, S) for 'onnx', 'torch' and 'jax', (B·H, L, S) for 'torch-mha', (B, L, S) for
 * 'keras' and 'keras-attention', and refused without a convention.
 *
 * Two libraries have two answers to an empty row: nn.MultiheadAttention without weights gives zeros,
 * `emptyRow: 'zeros'`; Keras's layer without scores the mean of all values, `emptyRow: 'softmax',
 * maskValue: -2e38`.
 */
export type Convention =
  | 'none'
  | 'onnx'
  | 'onnx-23'
  | 'onnx-24'
  | 'onnx-25'
  | 'torch'
  | 'torch-mha'
  | 'keras'
  | 'keras-attention'
  | 'jax'
  | 'd2l';

/**
 * Which key query 0 stands at; query i stands i keys further. 'top-left': key 0. 'bottom-right': key
 * S - L, so that the last query stands at the last key. 'last-key': the same, but the last key that
 * keyLengths leave. 'cache': the first key after the past ones, as 'last-key' with keyLengths, else
 * key 0. A number: that key.
 */
export type Origin = 'top-left' | 'bottom-right' | 'last-key' | 'cache' | number;

/**
 * How well a query fits a key: 'scaled-dot' q·k / √D; 'dot' q·k; 'general' qᵀ W k; 'concat'
 * vᵀ tanh(W [q; k]); 'additive' vᵀ tanh(W q + U k); 'cosine' q·k / (|q| |k|); 'location' W q, one
 * number for each place.
 */
export type Score =
  'scaled-dot' | 'dot' | 'general' | 'concat' | 'additive' | 'cosine' | 'location';

/** The learned part of a score; W is `query`, U is `key`, v is `vector`. */
export interface ScoreParameters {
  /** general (D, Dk); additive (M, D); concat (M, D + Dk); location (S or more, D). */
  query?: TensorLike;
  /** additive (M, Dk). */
  key?: TensorLike;
  /** additive and concat (M). */
  vector?: TensorLike;
}

/**
 * What scores become. 'softmax'; 'hard': all weight on the largest; 'hard-sampled': on one drawn from
 * the softmax; 'local-m': softmax over the keys around the query's own place; 'local-p': around a
 * predicted place, times a Gaussian. The hard ones have no gradient.
 */
export type Alignment = 'softmax' | 'hard' | 'hard-sampled' | 'local-m' | 'local-p';

export interface AlignmentOptions {
  /** Of 'hard-sampled'. Default 0. */
  seed?: number;
  /** D of the local ones: how many keys they see on each side. */
  radius?: number;
  /** 'local-p': W_p (M, D). */
  positionWeight?: TensorLike;
  /** 'local-p': v_p (M). */
  positionVector?: TensorLike;
}

/** The steps of one attention, in order. */
export type Stage =
  'queries' | 'keys' | 'values' | 'raw' | 'capped' | 'masked' | 'weights' | 'context';

/** Sets rows of a step to given numbers; what comes after is computed from them. */
export interface Edit {
  stage: Stage;
  /** Default: all. */
  batch?: number;
  /** Of the queries; of the keys and values for those two stages. Default: all. */
  head?: number;
  /** A query; a key in 'keys' and 'values'. Default: all. */
  row?: number;
  /** As many as a row is wide, or one number for the whole row. 0 in 'context' switches a head off. */
  values: TensorLike;
}

export interface AttentionOptions {
  /** Whose rules hold; see Convention. Default 'none': nothing is guessed and nothing leaks. */
  convention?: Convention;

  /** How operands of four axes lie: (B, H, L, D) or (B, L, H, D). Default: the convention's. */
  layout?: 'bhld' | 'blhd';
  /** Splits the last axis of (L, H·D) or (B, L, H·D) queries into heads. */
  heads?: number;
  /** The same of keys and values. Default `heads`; fewer are shared by neighbouring query heads. */
  kvHeads?: number;
  /** (B, kv heads, P, D) keys before the first, and their values: a cache. Both or none. */
  pastKey?: TensorLike;
  /** (B, kv heads, P, Dv) */
  pastValue?: TensorLike;

  /** Default 'scaled-dot'. */
  score?: Score;
  scoreParameters?: ScoreParameters;
  /** Multiplies the score. Default 1 / √D for 'scaled-dot', else 1. */
  scale?: number;
  /** Bends scores to softcap · tanh(score / softcap), before any mask. Default 0: it does not. */
  softcap?: number;

  /** Added to the scores; -Infinity hides a key. Its axes are those of a mask. */
  bias?: TensorLike;
  /** Which queries see which keys, by the convention's polarity: (L, S), or as the weights. */
  mask?: MaskLike;
  /** (B, S): which keys there are at all, for every query. */
  keyMask?: MaskLike;
  /** (B) how many keys each batch entry has, or (B, L) each query; the later ones are padding. */
  keyLengths?: readonly number[] | readonly (readonly number[])[];
  /** (B) how many queries each batch entry has; the later ones give zeros. */
  queryLengths?: readonly number[];
  /**
   * A query sees no key after the one that it stands at. `true` needs L = S, unless the convention
   * names the origin; an origin says which key it is.
   */
  causal?: boolean | 'none' | Origin;
  /** The origin beside `causal: true`, or of a window without it. */
  origin?: Origin;
  /** How many keys around its own a query sees: on both sides, or [left, right]; Infinity: all. */
  window?: number | readonly [number, number];
  /** The score of a hidden key. Default: the convention's. */
  maskValue?: number;
  /** What a query gets that sees no key. Default: the convention's. */
  emptyRow?: 'zeros' | 'nan' | 'softmax';

  /** Default 'softmax'. */
  alignment?: Alignment;
  alignmentOptions?: AlignmentOptions;
  /** The share of weights to drop, 0 to below 1: applied whenever it is not 0. */
  dropout?: number;
  /** Of the dropout. Default 0. */
  seed?: number;

  /** Which steps to return beside the output. */
  return?: readonly ('raw' | 'capped' | 'masked' | 'weights')[];
  /** Short for `return: ['weights']`. Default false. */
  weights?: boolean;
  /**
   * 'readable' computes all scores at once, 'tiled' tile by tile in memory that grows with L + S, not
   * L · S. Default 'automatic': tiled for long inputs of which only the output is wanted. They agree
   * but for the rounding of sums.
   */
  form?: 'automatic' | 'readable' | 'tiled';
  /** What to change on the way. Without a gradient. */
  edits?: readonly Edit[];
}

/** What attention gives: Tensor on this thread, PlainTensor from a Worker. */
export interface Attention<T extends PlainTensor = Tensor> {
  /** As the queries, with the width Dv. */
  readonly output: T;
  /** (B, H, L, S), as the next three: scores, before the softcap. */
  readonly raw?: T;
  /** Scores after the softcap. */
  readonly capped?: T;
  /** Scores with the bias, and the mask value for hidden keys. */
  readonly masked?: T;
  /** Every row sums to 1, or is 0 if all its keys are hidden; after dropout. */
  readonly weights?: T;
  /** (B, kv heads, P + S, D), with past keys: the next call's `pastKey`. */
  readonly presentKey?: T;
  /** (B, kv heads, P + S, Dv) */
  readonly presentValue?: T;
}
