// SPDX-License-Identifier: MIT
// What bindings/embind exports, typed by hand. Whatever may fail returns undefined and leaves a
// report in lastError(). Handles own memory of the engine until delete(), tensors until release().
import type { ErrorReport } from './error.js';

export interface Handle {
  delete(): void;
}

export interface IdsHandle extends Handle {
  address(): number;
  count(): number;
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
  weights(): number | undefined;
}

export interface TranslatorHandle extends Handle {
  facts(): { layers: number; decoderLayers: number; heads: number; beams: number };
  encodeSource(text: string): SentenceHandle | undefined;
  encodeTarget(text: string): SentenceHandle | undefined;
  /** Options as a JSON text: see bindings/embind/interventions.h. */
  selfAttention(text: string, options: string): SelfAttentionHandle | undefined;
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
  /** A JSON text. */
  interventions: string;
}

export interface TraceHandle extends Handle {
  source(): SentenceHandle | undefined;
  target(): SentenceHandle | undefined;
  logProbabilities(): number | undefined;
  steps(): number;
  name(place: number): string | undefined;
  values(place: number): number | undefined;
}

export interface InfluenceHandle extends Handle {
  /** Whether there is more to do. */
  step(): boolean | undefined;
  source(): SentenceHandle | undefined;
  target(): SentenceHandle | undefined;
  influence(): number | undefined;
  attention(): number | undefined;
  logProbability(): number | undefined;
  agreement(): number | undefined;
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
  encoder(): number | undefined;
  cross(): number | undefined;
  decoder(): number | undefined;
}

type EarlyStopping = object;

export interface CoreModule {
  readonly HEAPU8: Uint8Array;
  readonly HEAP32: Int32Array;
  readonly HEAPF32: Float32Array;

  lastError(): ErrorReport & { readonly fatal: boolean };
  memoryUse(): { used: number; idle: number; recorded: number };

  // Tensors have numbers; 0 is none. Lists of numbers cross in one buffer, the border. What has an
  // underscore is called without Embind, and returns -1 where it fails.
  /** Makes room for that many: its address. */
  _regard_border(count: number): number;
  /** A tensor with undefined values, of the sizes in the border. */
  _regard_tensor(rank: number): number;
  /** Reads an operation of bindings/embind/operation.h with its options, for a place to run it at. */
  prepare(place: number, name: string, options: string): true | undefined;
  /**
   * Runs the operation of a place on the tensors that the border names; it holds whether the answer
   * has changed afterwards, and the facts of the results, as many as are returned.
   */
  _regard_run(place: number, count: number, records: boolean): number;
  /** What the last run at a place gave besides tensors, as a JSON text. */
  answer(place: number): string | undefined;
  /** Leaves the facts of a tensor in the border. */
  _regard_describe(tensor: number): number;
  /** Where a tensor's values lie. */
  _regard_address(tensor: number): number;
  _regard_release(tensor: number): void;

  /** Facts of bindings/embind/threads.cpp; only of a module with threads. */
  prepareThreads?(count: number): IdsHandle | undefined;

  folder(): FolderHandle | undefined;
  texts(): TextsHandle | undefined;
  translator(folder: FolderHandle, int8: boolean): TranslatorHandle | undefined;
  search(
    translator: TranslatorHandle,
    texts: TextsHandle,
    options: SearchOptions,
  ): SearchHandle | undefined;
  /** Options as a JSON text: the target's ids, stages and interventions. */
  trace(translator: TranslatorHandle, text: string, options: string): TraceHandle | undefined;
  influence(
    translator: TranslatorHandle,
    text: string,
    options: string,
  ): InfluenceHandle | undefined;
  readonly EarlyStopping: Readonly<Record<'model' | 'no' | 'yes' | 'never', EarlyStopping>>;
}

/** What the generated modules export: makes an instance around imports of its own. */
export type CreateModule = (settings: {
  /** What a module with threads imports. */
  wasmMemory?: WebAssembly.Memory;
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ): object;
}) => Promise<CoreModule>;
