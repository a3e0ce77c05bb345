// SPDX-License-Identifier: MIT
// The shapes of what goes into and comes out of the engine. The letters are those of
// src/tensor/shape.h: B batch, H heads, L queries, S keys, D key width, Dv value width.

/** Numbers with a shape, row-major. Its values live in JavaScript memory. */
export interface TensorData {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

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
  /** Called as the best hypothesis grows. */
  onProgress?: (partial: { text: string; pieces: number }) => void;
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
  selfAttention(text: string, options?: { signal?: AbortSignal }): Promise<{ source: Sentence; attention: TensorData }>;
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
