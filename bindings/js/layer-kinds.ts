// SPDX-License-Identifier: MIT
// Every kind of layer: what it is made with, what goes in and what comes out, as the table of
// src/layers/registry.cpp has it. Names and most defaults are PyTorch's, where it has the layer.
import type { AttentionOptions } from './attention-types.js';
import type { MaskLike, Tensor, TensorLike } from './tensor-types.js';

/** What a layer's attention can be told; see AttentionOptions. */
export type AttentionCall = Pick<
  AttentionOptions,
  | 'convention'
  | 'causal'
  | 'origin'
  | 'queryLengths'
  | 'window'
  | 'maskValue'
  | 'emptyRow'
  | 'softcap'
  | 'return'
  | 'weights'
> & {
  /** (B): later keys are padding. */
  keyLengths?: readonly number[];
};
type BlockCall = Omit<AttentionCall, 'queryLengths' | 'return'>;
type StackCall = Pick<AttentionCall, 'convention' | 'maskValue' | 'emptyRow' | 'weights'>;

/** The steps that were asked for. */
interface AttentionOutputs {
  readonly output: Tensor;
  readonly raw?: Tensor;
  readonly capped?: Tensor;
  readonly masked?: Tensor;
  readonly weights?: Tensor;
}

/** One of a layer's attentions, as `src`, `tgt` and `memory` name it. */
type Hidden<Part extends string> = {
  readonly [Name in `${Part}Mask` | `${Part}KeyMask`]?: MaskLike;
} & { readonly [Name in `${Part}Bias` | `${Part}KeyBias`]?: TensorLike };
interface Masks {
  /** By the convention of the call. */
  readonly mask?: MaskLike;
  /** (B, S) */
  readonly keyMask?: MaskLike;
  /** Added to the scores. */
  readonly bias?: TensorLike;
  /** (B, S) */
  readonly keyBias?: TensorLike;
}

interface RotaryOptions {
  /** Which numbers turn together: i and i + D / 2, or 2 i and 2 i + 1. Default 'halves'. */
  pairs?: 'halves' | 'interleaved';
  /** Default 10000. */
  base?: number;
  /** How many numbers of a head turn. Default: all. */
  width?: number;
}

interface RelativeOptions {
  /** 'buckets' as T5, 'clipped' as Shaw et al., 'window' as Swin. */
  rows?: 'buckets' | 'clipped' | 'window';
  buckets?: number;
  maxDistance?: number;
  bidirectional?: boolean;
  radius?: number;
  height?: number;
  width?: number;
}

export interface BlockOptions {
  /** M; default 512. */
  dModel?: number;
  /** H; default 8. */
  nhead?: number;
  /** F; default 2048. */
  dimFeedforward?: number;
  /** Default 0.1; only while `training`. */
  dropout?: number;
  /** Default 'relu'. */
  activation?: 'relu' | 'gelu' | 'gelu-tanh' | 'silu';
  layerNormEps?: number;
  /** (B, L, M) rather than (L, B, M). Default true, PyTorch's is false. */
  batchFirst?: boolean;
  /** Default false: post-norm. */
  normFirst?: boolean;
  bias?: boolean;
}

interface StackOptions extends BlockOptions {
  numLayers: number;
  /** A LayerNorm at the end. Default false. */
  norm?: boolean;
}

/** Places of queries and keys: the first query's is `first`. */
interface PlacesCall {
  queries: number;
  keys: number;
  first?: number;
}

export interface LayerKinds {
  Linear: {
    options: { inFeatures: number; outFeatures: number; bias?: boolean };
    inputs: { readonly x: TensorLike };
    call: object;
    outputs: { readonly output: Tensor };
  };
  LayerNorm: {
    options: { normalizedShape: number; eps?: number; bias?: boolean };
    inputs: { readonly x: TensorLike };
    call: object;
    outputs: { readonly output: Tensor };
  };
  Embedding: {
    options: { numEmbeddings: number; embeddingDim: number; paddingIdx?: number };
    inputs: { readonly ids: TensorLike };
    call: object;
    outputs: { readonly output: Tensor };
  };
  /** Adds sines and cosines: side by side, or in two halves. */
  SinusoidalPositions: {
    options: { order?: 'interleaved' | 'halves' };
    inputs: { readonly x: TensorLike };
    call: { first?: number };
    outputs: { readonly output: Tensor };
  };
  LearnedPositions: {
    options: { places: number; width: number };
    inputs: { readonly x: TensorLike };
    call: { first?: number };
    outputs: { readonly output: Tensor };
  };
  RotaryPositions: {
    options: RotaryOptions & { heads?: number };
    inputs: { readonly x: TensorLike };
    call: { first?: number };
    outputs: { readonly output: Tensor };
  };
  /** A bias for attention that grows with the distance. */
  AlibiBias: {
    options: { heads: number };
    inputs: object;
    call: PlacesCall;
    outputs: { readonly bias: Tensor };
  };
  RelativePositionBias: {
    options: RelativeOptions & { heads: number };
    inputs: object;
    call: PlacesCall;
    outputs: { readonly bias: Tensor };
  };
  RelativeKeys: {
    options: RelativeOptions & { headDim: number };
    inputs: { readonly queries: TensorLike };
    call: Omit<PlacesCall, 'queries'>;
    outputs: { readonly bias: Tensor };
  };
  MultiHeadAttention: {
    options: {
      embedDim: number;
      numHeads: number;
      dropout?: number;
      bias?: boolean;
      addBiasKv?: boolean;
      addZeroAttn?: boolean;
      /** The widths of queries, keys and values. Default: embedDim. */
      qdim?: number;
      kdim?: number;
      vdim?: number;
      /** (B, L, M) rather than (L, B, M). Default true, PyTorch's is false. */
      batchFirst?: boolean;
      /** Whose names the parameters have. Default 'torch'. */
      names?: 'torch' | 'd2l' | 'marian';
      /** Turns queries and keys by their places. */
      rotary?: RotaryOptions;
      /** Adds what each query finds at each distance. */
      relativeKeys?: RelativeOptions;
    };
    inputs: Masks & {
      readonly queries: TensorLike;
      readonly keys: TensorLike;
      readonly values: TensorLike;
    };
    /** The weights of all heads, or their mean. */
    call: AttentionCall & { averageWeights?: boolean };
    outputs: AttentionOutputs;
  };
  /** A tutorial's variant: one projection for all heads, scores over the root of the whole width. */
  SharedProjectionAttention: {
    options: { embedSize: number; heads: number };
    inputs: {
      readonly values: TensorLike;
      readonly keys: TensorLike;
      readonly query: TensorLike;
      /** 0 hides. */
      readonly mask?: MaskLike;
    };
    call: object;
    outputs: { readonly output: Tensor; readonly weights: Tensor };
  };
  /** Bahdanau et al. 2014. */
  AdditiveAttention: {
    options: { queryWidth: number; keyWidth: number; hiddenWidth: number; dropout?: number };
    inputs: Pick<Masks, 'mask' | 'keyMask'> & {
      readonly queries: TensorLike;
      readonly keys: TensorLike;
      readonly values: TensorLike;
    };
    call: AttentionCall;
    outputs: AttentionOutputs;
  };
  /** Luong et al. 2015: gives tanh(W_c [context; h]). */
  LuongAttention: {
    options: {
      width: number;
      keyWidth?: number;
      score?: 'dot' | 'general' | 'concat' | 'location';
      hiddenWidth?: number;
      places?: number;
      alignment?: 'softmax' | 'local-m' | 'local-p';
      radius?: number;
    };
    inputs: Pick<Masks, 'mask' | 'keyMask'> & {
      readonly h: TensorLike;
      readonly states: TensorLike;
    };
    call: AttentionCall;
    outputs: AttentionOutputs;
  };
  TransformerEncoderLayer: {
    options: BlockOptions;
    inputs: Masks & { readonly src: TensorLike };
    call: BlockCall;
    outputs: { readonly output: Tensor; readonly weights?: Tensor };
  };
  TransformerDecoderLayer: {
    options: BlockOptions;
    inputs: Hidden<'tgt' | 'memory'> & { readonly tgt: TensorLike; readonly memory: TensorLike };
    call: StackCall & {
      tgtCausal?: AttentionOptions['causal'];
      memoryCausal?: AttentionOptions['causal'];
    };
    outputs: {
      readonly output: Tensor;
      readonly selfWeights?: Tensor;
      readonly crossWeights?: Tensor;
    };
  };
  TransformerEncoder: {
    options: StackOptions;
    inputs: Masks & { readonly src: TensorLike };
    call: BlockCall;
    outputs: { readonly output: Tensor } & { readonly [Name in `weights.${number}`]?: Tensor };
  };
  TransformerDecoder: {
    options: StackOptions;
    inputs: Hidden<'tgt' | 'memory'> & { readonly tgt: TensorLike; readonly memory: TensorLike };
    call: StackCall & {
      tgtCausal?: AttentionOptions['causal'];
      memoryCausal?: AttentionOptions['causal'];
    };
    outputs: { readonly output: Tensor } & {
      readonly [Name in `${'self' | 'cross'}Weights.${number}`]?: Tensor;
    };
  };
  Transformer: {
    options: BlockOptions & { numEncoderLayers?: number; numDecoderLayers?: number };
    inputs: Hidden<'src' | 'tgt' | 'memory'> & {
      readonly src: TensorLike;
      readonly tgt: TensorLike;
    };
    call: StackCall & {
      srcCausal?: AttentionOptions['causal'];
      tgtCausal?: AttentionOptions['causal'];
      memoryCausal?: AttentionOptions['causal'];
    };
    outputs: { readonly output: Tensor } & {
      readonly [Name in `${'encoder' | 'self' | 'cross'}Weights.${number}`]?: Tensor;
    };
  };
}
