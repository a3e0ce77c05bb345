// SPDX-License-Identifier: MIT
// What is said between a page and its Worker. Requests carry a number that their answers repeat.
import type { ErrorReport } from './error.js';
import type { PlainTrace } from './trace.js';
import type * as api from './types.js';

/** Options without what cannot cross: the signal becomes 'cancel', the callback 'progress'. */
export type Plain<Options> = Omit<Options, 'signal' | 'onProgress'>;

/** A Translator as it is described to the page; `key` names it in later requests. */
export interface TranslatorInfo extends Pick<
  api.Translator,
  | 'name'
  | 'layers'
  | 'decoderLayers'
  | 'heads'
  | 'config'
  | 'alignmentHeads'
  | 'sourceLang'
  | 'targetLang'
> {
  readonly key: number;
}

/** The calls that a Worker answers: name, arguments, result. */
export interface Methods {
  load(options: Omit<api.LoadOptions, 'workerFactory' | 'worker'>): {
    build: 'simd' | 'relaxed';
    threads: number;
  };
  attention(
    q: api.TensorData,
    k: api.TensorData,
    v: api.TensorData,
    options: api.AttentionOptions,
  ): { readonly [Name in keyof api.Attention]: api.TensorData };
  memory(): api.MemoryUse;
  open(source: string | api.ModelFiles, options: object): TranslatorInfo;
  translate(
    translator: number,
    texts: readonly string[],
    options: Plain<api.TranslateOptions>,
  ): api.Translation[];
  tokenize(translator: number, text: string, side: 'source' | 'target'): api.Sentence;
  selfAttention(
    translator: number,
    text: string,
    options: { interventions?: readonly api.Intervention[] },
  ): { source: api.Sentence; attention: api.TensorData };
  trace(translator: number, text: string, options: Plain<api.TraceOptions>): PlainTrace;
  influence(translator: number, text: string, options: Plain<api.TraceOptions>): api.Influence;
  measure(name: keyof api.Measures, values: readonly api.TensorData[]): api.TensorData | number;
  close(translator: number): null;
}

export type Method = keyof Methods;
export type Arguments<M extends Method> = Parameters<Methods[M]>;
export type Result<M extends Method> = ReturnType<Methods[M]>;

export type Request = {
  [M in Method]: {
    readonly id: number;
    readonly method: M;
    readonly arguments: Arguments<M>;
    /** Whether somebody listens to the progress. */
    readonly progress: boolean;
  };
}[Method];
export interface Cancel {
  readonly cancel: number;
}
export type ToWorker = Request | Cancel;

export type FromWorker =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorReport }
  | { readonly id: number; readonly progress: unknown };

/** The buffers of a message that may be handed over instead of copied. */
export function transferables(message: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (ArrayBuffer.isView(value)) buffers.add(value.buffer as ArrayBuffer);
    else for (const inner of Object.values(value)) visit(inner);
  };
  visit(message);
  return [...buffers];
}
