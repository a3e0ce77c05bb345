// SPDX-License-Identifier: MIT
// Tensors as a caller sees them. Long, because it is the documentation of every method in one place.

/** Numbers with a shape, row-major. Its values live in JavaScript memory. */
export interface TensorData {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A number, or arrays of one length of such: [[1, 2], [3, 4]]. */
export type NestedNumbers = number | readonly NestedNumbers[];
/** A truth value, or arrays of one length of such. */
export type NestedBooleans = boolean | readonly NestedBooleans[];
/** What an operation takes for a tensor: a Tensor, values with their shape, or nested arrays. */
export type TensorLike = TensorData | NestedNumbers;
/** What an operation takes for a mask: 0 is false and all else is true. */
export type MaskLike = TensorLike | NestedBooleans;
/** One axis or several. They count from 0, negative ones from the innermost: -1 is the last. */
export type Axes = number | readonly number[];
/** Sizes one by one, or as one array. */
export type Sizes = readonly number[] | readonly [readonly number[]];

export interface ReduceOptions {
  /** Whether the axes stay, with size 1. Default false. */
  keep?: boolean;
}

/** Numbers that were handed over by an engine, until they are disposed of. Never changed once made. */
export interface PlainTensor extends TensorData {
  /** A copy of the values, made at the first reading. */
  readonly data: Float32Array;
  /**
   * The values where they lie, lent for reading at once: nothing is copied. It is good until the next
   * call of the engine, whose memory may grow (the array is empty then), and until this tensor is
   * disposed of (other numbers may stand there then). What is written into it has no defined effect.
   * Of threads' memory: WebAssembly's is shared, and what refuses shared arrays needs copyTo().
   */
  view(): Float32Array;
  /**
   * Writes the values into an array of the caller's, which it returns: the only copy that is made.
   * `out` may lie anywhere, also over a view of this tensor.
   * @throws ValueError if it is no Float32Array; ShapeError if it has not as many elements
   */
  copyTo(out: Float32Array): Float32Array;
  /** The values as nested arrays, as deep as `shape` is long; a number for shape []. */
  toArray(): NestedNumbers;
  /** The only number. throws ShapeError if there are more or none. */
  item(): number;
  /** Frees the storage at once. Reading afterwards throws DisposedError; disposing again is harmless. */
  dispose(): void;
}

/**
 * Numbers inside an engine on this thread, with operations and gradients. Never changed once made,
 * but for parameters, which optimizers move.
 *
 * Each operation gives a new tensor and leaves its operands as they are. Two operands are broadcast
 * by NumPy's rule: shapes are aligned at their innermost axes, and an axis that is missing or of
 * size 1 is repeated. An axis is counted from 0, a negative one from the innermost. All throw
 * ShapeError where shapes do not fit, ValueError for an axis that there is not.
 *
 * Gradients: what is computed from a parameter() remembers how, until backward() has passed it or
 * the last tensor that was made from it is disposed of: compute inside `regard.scope(…)`.
 */
export interface Tensor extends PlainTensor {
  /** Whether a gradient reaches it: it is a parameter, or was computed from one. */
  readonly requiresGrad: boolean;
  /** What backward() left here, as a tensor of its own at each reading; undefined if nothing. */
  readonly grad: Tensor | undefined;
  /**
   * The gradients of this one number with respect to every parameter that it was computed from,
   * added to those that are there. It can be done once: what was computed is forgotten on the way.
   * @throws ShapeError unless this is one number; ValueError if it depends on no parameter, or a
   *   part of it has been passed by an earlier backward()
   */
  backward(): void;
  /** Lets backward() leave a gradient here as well, though this is no parameter. */
  retainGrad(): this;
  /** A copy that no gradient passes. */
  detach(): Tensor;
  /** A copy, through which gradients pass. */
  clone(): Tensor;
  /** The size of an axis. */
  size(axis: number): number;

  add(other: TensorLike): Tensor;
  sub(other: TensorLike): Tensor;
  /** Element by element. */
  mul(other: TensorLike): Tensor;
  div(other: TensorLike): Tensor;
  maximum(other: TensorLike): Tensor;
  minimum(other: TensorLike): Tensor;
  /** To the power of a constant. */
  pow(exponent: number): Tensor;
  neg(): Tensor;
  abs(): Tensor;
  exp(): Tensor;
  log(): Tensor;
  sqrt(): Tensor;
  sin(): Tensor;
  cos(): Tensor;
  tanh(): Tensor;
  /** 1 / (1 + e^-x) */
  sigmoid(): Tensor;
  relu(): Tensor;
  /** x Φ(x), or its approximation by tanh. */
  gelu(approximate?: 'tanh'): Tensor;
  /** x sigmoid(x) */
  silu(): Tensor;

  // Comparisons give 1 where they hold and 0 elsewhere: masks, without a gradient.
  equal(other: TensorLike): Tensor;
  notEqual(other: TensorLike): Tensor;
  less(other: TensorLike): Tensor;
  lessEqual(other: TensorLike): Tensor;
  greater(other: TensorLike): Tensor;
  greaterEqual(other: TensorLike): Tensor;

  /**
   * Products of matrices in the two innermost axes, the others broadcast, as numpy.matmul:
   * (batch…, M, K) by (batch…, K, N). An operand of one axis is a vector.
   */
  matmul(other: TensorLike): Tensor;

  /** Over the axes given, or over all. */
  sum(axis?: Axes, options?: ReduceOptions): Tensor;
  mean(axis?: Axes, options?: ReduceOptions): Tensor;
  /** Σ (x - mean)² / (n - correction); PyTorch's default is a correction of 1, here it is 0. */
  variance(axis?: Axes, options?: ReduceOptions & { correction?: number }): Tensor;
  max(axis?: Axes, options?: ReduceOptions): Tensor;
  min(axis?: Axes, options?: ReduceOptions): Tensor;
  /** Where the largest element is, the first of several. Default: along the last axis. No gradient. */
  argmax(axis?: number, options?: ReduceOptions): Tensor;
  /** x[0] + … + x[i] along an axis. */
  cumulativeSum(axis?: number): Tensor;
  /** Default: along the last axis. Nothing but -Infinity becomes zeros. */
  softmax(axis?: number): Tensor;
  logSoftmax(axis?: number): Tensor;

  /** The same numbers in another shape; one size may be -1, for what is left. */
  reshape(...shape: Sizes): Tensor;
  /** The axes in another order: axis i of the result is axis order[i] of this. */
  permute(...order: Sizes): Tensor;
  /** Two axes exchanged; default the two innermost. */
  transpose(first?: number, second?: number): Tensor;
  /** The two innermost axes exchanged: the transpose of a matrix. */
  readonly T: Tensor;
  /** Repeated along axes that are missing or of size 1; -1 keeps a size. */
  expand(...shape: Sizes): Tensor;
  /** Without an axis of size 1, or without all of them. */
  squeeze(axis?: number): Tensor;
  /** With a new axis of size 1 at this place. */
  unsqueeze(axis: number): Tensor;
  /** Axes first … last as one. Default: all. */
  flatten(first?: number, last?: number): Tensor;

  /** Places start … stop - 1 of an axis; negative ones count from its end, stop defaults to it. */
  slice(axis: number, start: number, stop?: number): Tensor;
  /** One place of an axis, which leaves. */
  select(axis: number, index: number): Tensor;
  /** One place of each of the first axes: x.at(1, 2) is x[1][2]. */
  at(...indices: readonly number[]): Tensor;
  /** Several places of an axis, any number of times each, as torch.index_select and numpy.take. */
  indexSelect(axis: number, indices: TensorLike): Tensor;
  /** Each row its own places: out[i][j] = x[i][indices[i][j]] along the last of two axes. */
  takeAlongAxis(indices: TensorLike, axis: number): Tensor;
  /** takeAlongAxis with the operands in the order of torch.gather. */
  gather(axis: number, indices: TensorLike): Tensor;
  /** Where two axes have the same index; they leave, the diagonal becomes the last axis. */
  diagonal(first?: number, second?: number): Tensor;

  /** `value` where the mask is true, this elsewhere; what is filled over has no influence. */
  maskedFill(mask: MaskLike, value: number): Tensor;
  /** The lower triangle of the innermost matrices, zeros elsewhere: j <= i + diagonal. */
  tril(diagonal?: number): Tensor;
  /** The upper triangle: j >= i + diagonal. */
  triu(diagonal?: number): Tensor;
}
