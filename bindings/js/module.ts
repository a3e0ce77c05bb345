// SPDX-License-Identifier: MIT
// What bindings/embind exports, typed by hand. Whatever may fail returns undefined and leaves a
// report in lastError(). Handles own memory of the engine until delete().
import type { ErrorReport } from './error.js';

export interface Handle {
  delete(): void;
}

/** Six sizes, of which the first `rank` count. */
export type Sizes = [number, number, number, number, number, number];

export interface TensorHandle extends Handle {
  address(): number;
  rank(): number;
  sizes(): Sizes;
}

export interface IdsHandle extends Handle {
  address(): number;
  count(): number;
}

export interface AttentionHandle extends Handle {
  output(): TensorHandle | undefined;
  weights(): TensorHandle | undefined;
}

/** Files of a model by name. */
export interface FolderHandle extends Handle {
  /** The address at which the bytes are to be written. */
  add(name: string, size: number): number | undefined;
}

export interface TextsHandle extends Handle {
  add(text: string): true | undefined;
}

/** The pieces of a sentence. */
export interface PiecesHandle extends Handle {
  /** The text that the offsets count in, in bytes of UTF-8. */
  text(): string | undefined;
  /** Four numbers a piece: id, begin, end, and 1 for `</s>`. */
  table(): IdsHandle | undefined;
  piece(index: number): string | undefined;
}

export interface TranslatorHandle extends Handle {
  facts(): { layers: number; decoderLayers: number; heads: number; beams: number };
  encode(text: string, target: boolean): PiecesHandle | undefined;
  encoderAttention(text: string): TensorHandle | undefined;
  search(texts: TextsHandle, options: SearchOptions): SearchHandle | undefined;
  score(text: string, target: string, attention: boolean): SearchHandle | undefined;
}

export interface SearchOptions {
  /** 0: the model's. */
  beams: number;
  nBest: number;
  /** NaN: the model's. */
  lengthPenalty: number;
  earlyStopping: EarlyStopping;
  /** 0: the model's. */
  maxLength: number;
  prefix: string;
  attention: boolean;
}

export interface SearchHandle extends Handle {
  /** Whether there is more to do. */
  step(): boolean | undefined;
  partial(sentence: number): PiecesHandle | undefined;
  /** How many pieces of the source did not fit. */
  dropped(sentence: number): number | undefined;
  source(sentence: number): PiecesHandle | undefined;
  hypotheses(sentence: number): number | undefined;
  hypothesis(sentence: number, rank: number): PiecesHandle | undefined;
  hypothesisScore(sentence: number, rank: number): number | undefined;
  attention(sentence: number): TranslationAttentionHandle | undefined;
}

export interface TranslationAttentionHandle extends Handle {
  encoder(): TensorHandle | undefined;
  cross(): TensorHandle | undefined;
  decoder(): TensorHandle | undefined;
}

type Causal = object;
type EarlyStopping = object;

export interface CoreModule {
  readonly HEAPU8: Uint8Array;
  readonly HEAP32: Int32Array;
  readonly HEAPF32: Float32Array;

  lastError(): ErrorReport;
  memoryUse(): { used: number; idle: number };

  tensor(sizes: Sizes, rank: number): TensorHandle | undefined;
  ids(count: number): IdsHandle | undefined;

  readonly Causal: Readonly<Record<'none' | 'top-left' | 'bottom-right', Causal>>;
  attention(
    q: TensorHandle,
    k: TensorHandle,
    v: TensorHandle,
    options: { causal: Causal; scale: number },
    keyLengths: IdsHandle,
  ): AttentionHandle | undefined;

  folder(): FolderHandle | undefined;
  texts(): TextsHandle | undefined;
  translator(name: string, folder: FolderHandle): TranslatorHandle | undefined;
  readonly EarlyStopping: Readonly<Record<'model' | 'no' | 'yes' | 'never', EarlyStopping>>;
}

/** What the generated modules export: makes an instance around imports of its own. */
export type CreateModule = (settings: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ): object;
}) => Promise<CoreModule>;
