// SPDX-License-Identifier: MIT
// Layers with parameters of their own, by the names and with the checkpoints that PyTorch has.
import type { Edit } from './attention-types.js';
import type { LayerKinds } from './layer-kinds.js';
import type { MaskLike, Tensor } from './tensor-types.js';
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
