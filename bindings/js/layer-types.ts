// SPDX-License-Identifier: MIT
// Layers with parameters of their own, by the names and with the checkpoints that PyTorch has.
import type { Edit } from './attention-types.js';
import type { LayerKinds } from './layer-kinds.js';
import type { MaskLike, Tensor, TensorLike } from './tensor-types.js';
import type { TraceStage } from './trace-types.js';

/** What is said of one call besides tensors and the options that each kind has. */
export interface LayerCall {
  /** Whether dropout drops. Default false. */
  training?: boolean;
  /** Of the dropout: another one for each step. Default 0. */
  seed?: number;
  /**
   * Gives these steps of every attention inside, or all, besides what the layer gives: `trace.weights`
   * of a MultiHeadAttention, `trace.encoder.0.self.weights` of a Transformer; scores and weights
   * (B, H, L, S), queries, keys, values and context (B, H, rows, D).
   */
  trace?: boolean | readonly TraceStage[];
  /** Changes of attentions by these names; none for a MultiHeadAttention. Not while gradients are remembered. */
  edits?: readonly (Edit & { attention?: string })[];
}

/** What a kind gives, with the steps that a trace asked for. */
export type LayerOutputs<Kind extends keyof LayerKinds> = LayerKinds[Kind]['outputs'] & {
  readonly [Step in `trace.${string}`]?: Tensor;
};

export interface CacheOptions {
  /** B; default 1. */
  batch?: number;
  /** For how many places there is room at first; it doubles when it is used up. Default 64. */
  capacity?: number;
}

/**
 * The keys and values of the places that a self-attention has seen, in the engine's memory, so that
 * the next place costs no more than itself and one look at those before:
 *
 *     const cache = layer.cache();
 *     cache.step(prompt);                      // (1, L, M): as many places as there are
 *     for (…) next = cache.step(token);        // (1, 1, M): one more
 *
 * Gives what the layer gives for the whole sequence with `causal: true`, up to rounding.
 */
export interface KeyValueCache {
  /** B: how many sequences go side by side. */
  readonly batch: number;
  /** How many places there are; set to fewer, it forgets the later ones. */
  length: number;
  /** Copies of the projected keys and values, (B, length, M), heads side by side. */
  readonly keys: Tensor;
  readonly values: Tensor;
  /**
   * The layer on the next places, (B, L, M) or without a batch (L, M). Their keys and values are
   * appended; each place sees those before it and itself. Without a gradient.
   * @throws ShapeError; ValueError if x needs a gradient and operations are remembered
   */
  step(x: TensorLike): Tensor;
  /** Appends places whose projected keys and values are known, (B, L, M) each. */
  append(keys: TensorLike, values: TensorLike): this;
  /** Sequence b goes on from what sequence parents[b] was, for beams: there may be more or fewer. */
  reorder(parents: readonly number[]): this;
  dispose(): void;
}

export interface Layer<Kind extends keyof LayerKinds = keyof LayerKinds> {
  readonly kind: Kind;
  /** By name, for optimizers and to look at; the layer frees them. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** Runs the layer on tensors by name: `forward({ queries: x, keys: y, values: y })`. */
  forward(
    inputs: LayerKinds[Kind]['inputs'],
    call?: LayerCall & LayerKinds[Kind]['call'],
  ): LayerOutputs<Kind>;
  /**
   * Copies a checkpoint's numbers into the parameters: all of them, or nothing is changed.
   * @throws ValueError for a name that is missing or unknown; ShapeError
   */
  load(state: Readonly<Record<string, MaskLike>>): this;
  /**
   * A cache for decoding step by step, of a MultiHeadAttention; it lives as long as the layer.
   * @throws ValueError for other kinds, and for one with rotary, relative or added keys
   */
  cache(options?: CacheOptions): KeyValueCache;
  dispose(): void;
}

/** A kind of layer in words: 'embedDim numHeads bias=true', 'queries keys values mask?'. */
export interface LayerKind {
  readonly name: keyof LayerKinds;
  readonly options: string;
  readonly inputs: string;
  readonly call: string;
  readonly outputs: string;
}

/** Options, which may be left out where all of them have a default, and the seed of the parameters. */
export type LayerArguments<Kind extends keyof LayerKinds> =
  object extends LayerKinds[Kind]['options']
    ? [options?: LayerKinds[Kind]['options'], random?: { seed?: number }]
    : [options: LayerKinds[Kind]['options'], random?: { seed?: number }];

export interface Layers {
  /** What kinds there are, with their options, inputs and outputs. */
  layerKinds(): readonly LayerKind[];
  /**
   * A new layer with random parameters, the same for the same seed.
   * @throws ValueError for a kind or option that there is not
   */
  layer<Kind extends keyof LayerKinds>(kind: Kind, ...given: LayerArguments<Kind>): Layer<Kind>;
}
