// SPDX-License-Identifier: MIT
// What an engine on this thread computes, besides what its tensors do by themselves.
import type { Attention, AttentionOptions } from './attention-types.js';
import type { CoverageAttention, CoverageOptions } from './coverage-types.js';
import type { Layers } from './layer-types.js';
import type { MaskLike, Tensor, TensorLike } from './tensor-types.js';

export interface AdamOptions {
  /** The learning rate. Default 0.001. */
  rate?: number;
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** Above 0 it is AdamW. Default 0. */
  weightDecay?: number;
  /** Gradients are scaled down to this norm over all; 0, the default: never. */
  clipNorm?: number;
}

export interface SgdOptions {
  /** The learning rate. */
  rate: number;
  /** Default 0. */
  momentum?: number;
  /** Default 0. */
  weightDecay?: number;
}

/** Moves parameters against their gradients. */
export interface Optimizer {
  /** The learning rate, for schedules to change. */
  rate: number;
  /**
   * Moves every parameter that has a gradient, and clears the gradients.
   * @returns the norm of all gradients together; if it is not finite, nothing has moved
   */
  step(): number;
  /** Clears the gradients: what to do before backward() if a step did not. */
  zeroGrad(): void;
  dispose(): void;
}

export interface CrossEntropyOptions {
  /** Rows with this target do not count. Default -100. */
  ignore?: number;
  /** The share of the target that is spread over all classes. Default 0. */
  smoothing?: number;
}

export interface Functions extends Layers {
  /** Copies values into the engine. Nested arrays bring their shape; a flat array may be given one. */
  tensor(values: MaskLike | ArrayLike<number>, shape?: readonly number[]): Tensor;
  /** The same, for an optimizer to move: backward() leaves a gradient in it. */
  parameter(values: TensorLike | ArrayLike<number>, shape?: readonly number[]): Tensor;
  /**
   * Runs `body` and frees the tensors that it made, all but those that it returns, on their own or
   * in arrays and plain objects; with them goes what was remembered for their gradients.
   */
  scope<T>(body: () => T): T;
  /** Runs `body` without remembering anything for gradients: it takes less memory. */
  noGrad<T>(body: () => T): T;

  zeros(shape: readonly number[]): Tensor;
  ones(shape: readonly number[]): Tensor;
  full(shape: readonly number[], value: number): Tensor;
  /** start, start + step, … below stop: arange(1, 3) is [1, 2]. With one argument, 0 … it: arange(2) is [0, 1]. */
  arange(start: number, stop?: number, step?: number): Tensor;
  /** The identity matrix. */
  eye(size: number): Tensor;
  /** Normal with mean 0 and variance 1; the same for the same seed. Default seed 0. */
  randn(shape: readonly number[], options?: { seed?: number }): Tensor;
  /** Uniform in 0 … 1. */
  rand(shape: readonly number[], options?: { seed?: number }): Tensor;
  /** 1 at the class and 0 elsewhere: (any…) whole numbers to (any…, classes). */
  oneHot(indices: TensorLike, classes: number): Tensor;

  /** x where the condition is true, y elsewhere; what is not chosen has no influence. */
  where(condition: MaskLike, x: TensorLike, y: TensorLike): Tensor;
  /** One behind the other along an axis, which is 0 by default. */
  concatenate(parts: readonly TensorLike[], axis?: number): Tensor;
  /** Side by side along a new axis, which is 0 by default. */
  stack(parts: readonly TensorLike[], axis?: number): Tensor;
  /**
   * Einstein's summation: `einsum('nqhd,nkhd->nhqk', queries, keys)`. Each operand's axes get a
   * letter; products of elements with the same letters are summed over the letters that the result
   * does not have. `...` are axes without a letter.
   */
  einsum(equation: string, ...operands: readonly TensorLike[]): Tensor;

  /** The rows of a table (V, M) with these ids: (any…) to (any…, M). */
  embedding(ids: TensorLike, table: TensorLike): Tensor;
  /** x Wᵀ + b with a weight (N, K), as PyTorch keeps it: (…, K) to (…, N). */
  linear(x: TensorLike, weight: TensorLike, bias?: TensorLike): Tensor;
  /** γ (x - mean) / √(variance + ε) + β over the last axis; γ is 1 and β is 0 by default. */
  layerNorm(
    x: TensorLike,
    gamma?: TensorLike,
    beta?: TensorLike,
    options?: { epsilon?: number },
  ): Tensor;
  /** Sets a share p to 0 and divides the rest by 1 - p; which ones follows from the seed. */
  dropout(x: TensorLike, p: number, options?: { seed?: number }): Tensor;
  /** The mean of -log softmax(logits)[target] over the rows: (rows…, V) and whole numbers (rows…). */
  crossEntropy(logits: TensorLike, targets: TensorLike, options?: CrossEntropyOptions): Tensor;
  /** The mean of (x - target)², of equal shapes. */
  mse(x: TensorLike, target: TensorLike): Tensor;

  /**
   * Attention of queries to keys, a mean of values.
   *
   *     weights = softmax(scale · Q Kᵀ)     output = weights · V
   *
   * Three libraries, three answers: what a mask's `true` means, where a causal mask begins when
   * there are more keys than queries, and what a query gets that sees no key at all. Say `convention`
   * for exactly what one of them gives; Convention has the table. Without it nothing is guessed:
   * `true` attends, `causal: true` with L ≠ S is refused, such a query gets zeros, and nothing of a
   * hidden key ever has any influence, not even an infinity or NaN.
   *
   * @param q - (L, D), (B, L, D) or (B, H, L, D) queries; with `heads` (L, H·D) or (B, L, H·D)
   * @param k - (B, H, S, D) keys; H may be fewer than the queries' by a whole factor
   * @param v - (B, H, S, Dv) values
   * @returns the output, and of the steps those that were asked for; all with gradients
   * @throws ShapeError if shapes disagree; ValueError for an option that contradicts another
   * @example
   * using result = regard.attention(q, k, v, { causal: 'top-left', weights: true });
   * @example
   * // F.scaled_dot_product_attention(q, k, v, is_causal=True) of PyTorch
   * regard.attention(q, k, v, { convention: 'torch', causal: true });
   * // the weights of torch.nn.MultiheadAttention, once projected, with a key_padding_mask
   * regard.attention(q, k, v, { convention: 'torch-mha', keyMask: padding, weights: true });
   * // the core of keras.layers.MultiHeadAttention, and keras.layers.Attention
   * regard.attention(q, k, v, { convention: 'keras', mask });
   * regard.attention(q, k, v, { convention: 'keras-attention', score: 'dot', keyMask: mask });
   * // jax.nn.dot_product_attention(q, k, v, mask=mask, is_causal=True)
   * regard.attention(q, k, v, { convention: 'jax', mask, causal: true });
   * // the operator Attention of ONNX, is_causal=1, q_num_heads=8
   * regard.attention(q, k, v, { convention: 'onnx', mask, causal: true, heads: 8 });
   * // d2l.DotProductAttention(dropout=0)(q, k, v, valid_lens)
   * regard.attention(q, k, v, { convention: 'd2l', keyLengths: validLens });
   */
  attention(q: TensorLike, k: TensorLike, v: TensorLike, options?: AttentionOptions): Attention;

  /**
   * Additive attention with a memory of all weights so far, one query after the other [Tu et al.
   * 2016; See et al. 2017, eq. 10 to 13].
   *
   *     c_t = initial + Σ_{t' < t} a_t'
   *     a_t = softmax(vᵀ tanh(W q_t + U k + w_c c_t + b))     output_t = a_t · V
   *     loss_t = Σ_s min(a_t[s], c_t[s])
   *
   * @param q - (B, L, D) queries
   * @param k - (B, S, Dk) keys
   * @param v - (B, S, Dv) values
   * @throws ShapeError if shapes disagree; ValueError for a parameter that is missing
   */
  coverageAttention(
    q: TensorLike,
    k: TensorLike,
    v: TensorLike,
    options: CoverageOptions,
  ): CoverageAttention;

  adam(parameters: readonly Tensor[], options?: AdamOptions): Optimizer;
  /** Gradient descent. */
  sgd(parameters: readonly Tensor[], options: SgdOptions): Optimizer;
}
