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

/** A sentence, flat. Offsets are bytes of the text's UTF-8. */
export interface SentenceHandle extends Handle {
  text(): string | undefined;
  /** Four numbers a piece: id, begin, end, and its word or -1. */
  pieces(): IdsHandle | undefined;
  piece(index: number): string | undefined;
  /** Two numbers a word: begin, end. */
  words(): IdsHandle | undefined;
}

export interface SelfAttentionHandle extends Handle {
  source(): SentenceHandle | undefined;
  weights(): TensorHandle | undefined;
}

export interface TranslatorHandle extends Handle {
  facts(): { layers: number; decoderLayers: number; heads: number; beams: number };
  encodeSource(text: string): SentenceHandle | undefined;
  encodeTarget(text: string): SentenceHandle | undefined;
  selfAttention(text: string): SelfAttentionHandle | undefined;
}

export interface SearchOptions {
  /** 0: the model's. */
  beams: number;
  nBest: number;
  /** 0: the model's. */
  maxLength: number;
  /** NaN: the model's. */
  lengthPenalty: number;
  earlyStopping: EarlyStopping;
  prefix: string;
  /** Instead of a search, if `hasTarget`. */
  target: string;
  hasTarget: boolean;
  attention: boolean;
}

export interface SearchHandle extends Handle {
  /** Whether there is more to do. */
  step(): boolean | undefined;
  partial(text: number): SentenceHandle | undefined;
  result(text: number): TranslationHandle | undefined;
}

export interface TranslationHandle extends Handle {
  source(): SentenceHandle | undefined;
  hypotheses(): number;
  target(rank: number): SentenceHandle | undefined;
  score(rank: number): number | undefined;
  notes(): number;
  note(index: number): string | undefined;
  hasAttention(): boolean;
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
  translator(folder: FolderHandle): TranslatorHandle | undefined;
  search(
    translator: TranslatorHandle,
    texts: TextsHandle,
    options: SearchOptions,
  ): SearchHandle | undefined;
  readonly EarlyStopping: Readonly<Record<'model' | 'no' | 'yes' | 'never', EarlyStopping>>;
}

/** What the generated modules export: makes an instance around imports of its own. */
export type CreateModule = (settings: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ): object;
}) => Promise<CoreModule>;
