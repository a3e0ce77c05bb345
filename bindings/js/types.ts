// SPDX-License-Identifier: MIT
// The shapes of what goes into and comes out of the engine. The letters are those of
// src/tensor/shape.h: B batch, H heads, L queries, S keys, D key width, Dv value width.

/** Numbers with a shape, row-major. Its values live in JavaScript memory. */
export interface TensorData {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Numbers inside the engine, until they are disposed of. Never changed once made. */
export interface Tensor extends TensorData {
  /** A copy of the values, made at the first reading. */
  readonly data: Float32Array;
  /** The values as nested arrays, as deep as `shape` is long; a number for shape []. */
  toArray(): NestedNumbers;
  /** Frees the storage at once. Reading afterwards throws DisposedError; disposing again is harmless. */
  dispose(): void;
}

/** A number, or arrays of one length of such: [[1, 2], [3, 4]]. */
export type NestedNumbers = number | readonly NestedNumbers[];
/** What an operation takes for a tensor: a Tensor, values with their shape, or nested arrays. */
export type TensorLike = TensorData | NestedNumbers;

/** A piece of a sentence, as the model reads or writes it. */
export interface Piece {
  readonly id: number;
  /** As the vocabulary has it: '▁' marks the beginning of a word. `</s>` ends a sentence. */
  readonly text: string;
  /** Where it stands in the sentence, in UTF-16 units; begin === end for `</s>`. */
  readonly begin: number;
  readonly end: number;
  /** Index into `words`; -1 for `</s>`. */
  readonly word: number;
}

/** A word of a sentence: consecutive pieces. */
export interface Word {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
}

export interface Sentence {
  readonly text: string;
  readonly pieces: readonly Piece[];
  readonly words: readonly Word[];
}

/** All layers and heads. Row i of `cross` and `decoder` is the step that predicts target piece i. */
export interface TranslationAttention {
  /** (layers, H, source pieces, source pieces) */
  readonly encoder: TensorData;
  /** (layers, H, target pieces, source pieces) */
  readonly cross: TensorData;
  /** (layers, H, target pieces, target pieces): key 0 is the start token, key j piece j - 1. */
  readonly decoder: TensorData;
}

export interface Hypothesis {
  readonly text: string;
  readonly target: Sentence;
  /** Sum of log-probabilities over length ** lengthPenalty. */
  readonly score: number;
}

export interface Translation extends Hypothesis {
  readonly source: Sentence;
  /** Only with `attention: true`. */
  readonly attention?: TranslationAttention;
  /** The `nBest` best, this one first. */
  readonly alternatives: readonly Hypothesis[];
  /** What the reader should know: `source cut to 511 pieces`. */
  readonly notes: readonly string[];
}

export interface TranslateOptions {
  /** Default: the model's generation_config.json (4). 1 is greedy. */
  beams?: number;
  /** Default 1. How many hypotheses `alternatives` holds; at most `beams`. */
  nBest?: number;
  /** Default: the model's, usually 1. */
  lengthPenalty?: number;
  /** Default false: stop when no running hypothesis can beat the worst finished one. */
  earlyStopping?: boolean | 'never';
  /** The most target pieces, start token included. Default: the model's. */
  maxLength?: number;
  /** The translation begins with this text. */
  prefix?: string;
  /** Do not search: give the score and attention of this translation. */
  target?: string;
  /** Default false. */
  attention?: boolean;
  signal?: AbortSignal;
  /** Called as the best hypothesis grows; `index` says of which text, 0 for a single one. */
  onProgress?: (partial: TranslationProgress) => void;
}

export interface TranslationProgress {
  readonly text: string;
  readonly pieces: number;
  readonly index: number;
}

export interface DownloadProgress {
  readonly loaded: number;
  readonly total: number;
  readonly file: string;
  readonly fromCache: boolean;
}

/** A model's files by name, as a file input or a bundle gives them. */
export type ModelFiles = Record<string, ArrayBuffer | Uint8Array | Blob>;

export interface TranslatorOptions {
  signal?: AbortSignal;
  onProgress?: (progress: DownloadProgress) => void;
}

export interface Translator {
  readonly name: string;
  readonly layers: number;
  readonly decoderLayers: number;
  readonly heads: number;
  /** The model's config.json. */
  readonly config: Readonly<Record<string, unknown>>;
  translate(text: string, options?: TranslateOptions): Promise<Translation>;
  translate(texts: readonly string[], options?: TranslateOptions): Promise<Translation[]>;
  /** The pieces of a source sentence, `</s>` included. */
  tokenize(text: string, side?: 'source' | 'target'): Promise<Sentence>;
  /** Encoder self-attention alone, faster than a translation: (layers, H, S, S). */
  selfAttention(
    text: string,
    options?: { signal?: AbortSignal },
  ): Promise<{ source: Sentence; attention: TensorData }>;
  dispose(): void;
}

export interface LoadOptions {
  /** Run the engine in a Worker of its own. Default false. */
  worker?: boolean;
  /** Where the wasm files lie. Default: beside this module. */
  baseUrl?: string | URL;
  /** Where `translator('name')` finds `name/`. Default: `models/` beside this module. */
  modelsUrl?: string | URL;
  /** Force a build; default the fastest that this host runs. */
  build?: 'simd' | 'relaxed';
  /** The bytes of the wasm file, for a page that can fetch nothing (opened from disk). */
  wasmBinary?: ArrayBuffer;
  /** Makes the Worker where a URL beside this module will not do; with `worker: true`. */
  workerFactory?: () => Worker;
}

export interface AttentionOptions {
  /** Which keys query i may see: all, 0 … i, or 0 … i + (S - L). Default 'none'. */
  causal?: 'none' | 'top-left' | 'bottom-right';
  /** Multiplies Q Kᵀ before the softmax. Default 1 / √D. */
  scale?: number;
  /** (B) how many keys each batch entry has, 0 … S; the later ones are padding. Default: all S. */
  keyLengths?: readonly number[];
  /** Return the weights as well. Default false. */
  weights?: boolean;
}

export interface Attention {
  /** (B, H, L, Dv) */
  readonly output: Tensor;
  /** (B, H, L, S), with `weights: true`: every row sums to 1, or is 0 if all its keys are hidden. */
  readonly weights?: Tensor;
}

/** Bytes, and how many tensors live. */
export interface MemoryUse {
  /** The engine's whole memory; it grows and never shrinks. */
  readonly heap: number;
  /** Held by tensors, models and searches. */
  readonly used: number;
  /** Kept for the next tensors. */
  readonly idle: number;
  /** Tensors that JavaScript has not disposed of. */
  readonly tensors: number;
}

/** An engine on this thread. */
export interface Regard {
  /** Which wasm file runs. */
  readonly build: 'simd' | 'relaxed';
  /** Copies values into the engine. Nested arrays bring their shape; a flat array may be given one. */
  tensor(values: TensorLike | ArrayLike<number>, shape?: readonly number[]): Tensor;
  attention(q: TensorLike, k: TensorLike, v: TensorLike, options?: AttentionOptions): Attention;
  /** Runs `body` and frees the tensors that it made, all but those that it returns. */
  scope<T>(body: () => T): T;
  /** Opens a model: a name, the address of a folder, or its files. */
  translator(source: string | URL | ModelFiles, options?: TranslatorOptions): Promise<Translator>;
  memory(): MemoryUse;
  /** Frees everything; each later call throws DisposedError. */
  dispose(): void;
}

/** An engine in a Worker: the same calls, answered by promises; its tensors hold copies here. */
export interface WorkerRegard extends Omit<Regard, 'attention' | 'memory'> {
  attention(
    q: TensorLike,
    k: TensorLike,
    v: TensorLike,
    options?: AttentionOptions,
  ): Promise<Attention>;
  memory(): Promise<MemoryUse>;
}
