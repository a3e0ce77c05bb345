// SPDX-License-Identifier: MIT
// The shapes of what goes into and comes out of the engine. The letters are those of
// src/tensor/shape.h: B batch, H heads, L queries, S keys, D key width, Dv value width.

import type { Attention, AttentionOptions } from './attention-types.js';
import type { Functions } from './function-types.js';
import type { MaskLike, PlainTensor, TensorData, TensorLike } from './tensor-types.js';
import type { Influence, Intervention, Measures, Trace, TraceOptions } from './trace-types.js';

export type * from './attention-types.js';
export type * from './coverage-types.js';
export type * from './function-types.js';
export type * from './layer-kinds.js';
export type * from './layer-types.js';
export type * from './tensor-types.js';
export type * from './trace-types.js';

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
  /** Changes in the model's attentions, for all texts and beams. Default: none. */
  interventions?: readonly Intervention[];
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
  /**
   * What the model's matrices are kept and multiplied as. `'int8'` takes a quarter of the memory, is
   * faster, and translates almost as well; it fetches the folder's `model.int8.safetensors`, half of
   * a download, or where there is none, `model.safetensors`, and quantizes that to the same numbers.
   * Default `'f32'`.
   */
  precision?: 'f32' | 'int8';
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
  /**
   * The heads of cross-attention whose mean ties words that mean each other best, counted from 0:
   * `alignment_heads` of config.json, `[[layer, head], …]`, as Whisper's generation config has it. One
   * pair is one head, all heads of a layer are its mean; empty where the folder does not say. A value
   * that does not fit is refused when the model is opened, with a FormatError:
   * `config.json: alignment_heads[0][1] is 8, expected 0 to 3`.
   */
  readonly alignmentHeads: readonly (readonly [layer: number, head: number])[];
  /**
   * The language that it reads, as tokenizer_config.json has it (`source_lang`: `en`, `zh`), or the end
   * of its name (`opus-mt-en-zh`); undefined where neither says it. A FormatError if it is no text.
   */
  readonly sourceLang: string | undefined;
  /** The language that it writes, by `target_lang`, likewise. */
  readonly targetLang: string | undefined;
  translate(text: string, options?: TranslateOptions): Promise<Translation>;
  translate(texts: readonly string[], options?: TranslateOptions): Promise<Translation[]>;
  /** The pieces of a source sentence, `</s>` included. */
  tokenize(text: string, side?: 'source' | 'target'): Promise<Sentence>;
  /** Encoder self-attention alone, faster than a translation: (layers, H, S, S). */
  selfAttention(
    text: string,
    options?: { signal?: AbortSignal; interventions?: readonly Intervention[] },
  ): Promise<{ source: Sentence; attention: TensorData }>;
  /**
   * Every step of every attention, while the model predicts its own translation or `target`.
   * @throws ValueError for an empty text; for an intervention that does not fit, as
   *   `intervention 0: head is 8, expected 0 to 7`
   */
  trace(text: string, options?: TraceOptions): Promise<Trace>;
  /**
   * What the model's own translation, or `target`, loses with each piece of the text: as many
   * passes through the model as there are pieces.
   */
  influence(
    text: string,
    options?: Omit<TraceOptions, 'stages' | 'interventions'>,
  ): Promise<Influence>;
  dispose(): void;
}

export interface LoadOptions {
  /** Run the engine in a Worker of its own. Default false. */
  worker?: boolean;
  /**
   * The whole engine: tensors that compute, gradients, layers, optimizers. It is half as large again
   * to fetch, and not for a Worker. Default false.
   */
  lab?: boolean;
  /** Where the wasm files lie. Default: beside this module. */
  baseUrl?: string | URL;
  /** Where `translator('name')` finds `name/`. Default: `models/` beside this module. */
  modelsUrl?: string | URL;
  /** Force a build; default the fastest that this host runs. */
  build?: 'simd' | 'relaxed';
  /**
   * How many threads compute at most, the caller's included: 1 to 64. Threads share memory, which
   * browsers allow only in pages that are isolated from others (the headers
   * `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`).
   * Default: there as many as the machine runs, at most 4; elsewhere, and in Node, 1. Where memory
   * cannot be shared or threads cannot be started the engine has one, and says so in `threads`.
   * Results are the same, bit for bit, for every number.
   */
  threads?: number;
  /** The bytes of the wasm file, for a page that can fetch nothing (opened from disk): one thread. */
  wasmBinary?: ArrayBuffer;
  /** Makes the Worker where a URL beside this module will not do; with `worker: true`. */
  workerFactory?: () => Worker;
}

/** Bytes, and how many tensors live. */
export interface MemoryUse {
  /** The engine's whole memory; it grows and never shrinks. */
  readonly heap: number;
  /** Held by tensors, models and searches. */
  readonly used: number;
  /** Kept for the next tensors. */
  readonly idle: number;
  /** Tensors, layers and optimizers that JavaScript has not disposed of. */
  readonly tensors: number;
  /** Operations that a backward() could still pass. */
  readonly recorded: number;
}

/** What an engine on this thread and one in a Worker have in common. */
interface Engine {
  /** Which wasm file runs. */
  readonly build: 'simd' | 'relaxed';
  /** How many threads compute, the caller's included. */
  readonly threads: number;
  /** Opens a model: a name, the address of a folder, or its files. */
  translator(source: string | URL | ModelFiles, options?: TranslatorOptions): Promise<Translator>;
  /** Frees everything; each later call throws DisposedError. */
  dispose(): void;
}

/** An engine on this thread. */
export interface Regard extends Engine {
  /** Copies values into the engine. Nested arrays bring their shape; a flat array may be given one. */
  tensor(values: MaskLike | ArrayLike<number>, shape?: readonly number[]): PlainTensor;
  /** Runs `body` and frees the tensors that it made, all but those that it returns. */
  scope<T>(body: () => T): T;
  /** As Lab's, without gradients. */
  attention(
    q: TensorLike,
    k: TensorLike,
    v: TensorLike,
    options?: AttentionOptions,
  ): Attention<PlainTensor>;
  readonly measures: Measures;
  memory(): MemoryUse;
}

/** The whole engine: `load({ lab: true })`. */
export interface Lab extends Omit<Regard, keyof Functions>, Functions {}

/** An engine in a Worker: it answers by promises, and its tensors hold copies here. */
export interface WorkerRegard extends Engine {
  /** Values with their shape, checked. */
  tensor(values: MaskLike | ArrayLike<number>, shape?: readonly number[]): PlainTensor;
  /** Runs `body`: tensors of a Worker's engine hold memory of this thread. */
  scope<T>(body: () => T): T;
  /** As Regard's. */
  attention(
    q: TensorLike,
    k: TensorLike,
    v: TensorLike,
    options?: AttentionOptions,
  ): Promise<Attention<PlainTensor>>;
  /** As Regard's. */
  readonly measures: {
    [Name in keyof Measures]: (
      ...values: Parameters<Measures[Name]>
    ) => Promise<ReturnType<Measures[Name]>>;
  };
  memory(): Promise<MemoryUse>;
}
