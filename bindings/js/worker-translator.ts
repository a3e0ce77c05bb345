// SPDX-License-Identifier: MIT
// A translator whose model lies in a Worker.
import type { Client } from './client.js';
import { disposeSymbol } from './features.js';
import { portableInterventions } from './interventions.js';
import type { TranslatorInfo } from './protocol.js';
import { accessible } from './trace.js';
import type * as api from './types.js';

export class WorkerTranslator implements api.Translator {
  readonly name: string;
  readonly layers: number;
  readonly decoderLayers: number;
  readonly heads: number;
  readonly config: api.Translator['config'];
  readonly alignmentHeads: api.Translator['alignmentHeads'];
  readonly sourceLang: string | undefined;
  readonly targetLang: string | undefined;
  readonly #client: Client;
  readonly #key: number;
  #disposed = false;

  constructor(client: Client, info: TranslatorInfo) {
    this.#client = client;
    this.#key = info.key;
    this.name = info.name;
    this.layers = info.layers;
    this.decoderLayers = info.decoderLayers;
    this.heads = info.heads;
    this.config = info.config;
    this.alignmentHeads = info.alignmentHeads;
    this.sourceLang = info.sourceLang;
    this.targetLang = info.targetLang;
  }

  translate(text: string, options?: api.TranslateOptions): Promise<api.Translation>;
  translate(texts: readonly string[], options?: api.TranslateOptions): Promise<api.Translation[]>;
  async translate(
    text: string | readonly string[],
    options: api.TranslateOptions = {},
  ): Promise<api.Translation | api.Translation[]> {
    const { signal, onProgress, ...rest } = portableInterventions('translate', options);
    const texts = typeof text === 'string' ? [text] : text;
    const found = await this.#client.ask('translate', [this.#key, texts, rest], {
      signal,
      onProgress,
    });
    return typeof text === 'string' ? found[0]! : found;
  }

  tokenize(text: string, side: 'source' | 'target' = 'source'): Promise<api.Sentence> {
    return this.#client.ask('tokenize', [this.#key, text, side]);
  }

  async selfAttention(
    text: string,
    options: { signal?: AbortSignal; interventions?: readonly api.Intervention[] } = {},
  ): Promise<{ source: api.Sentence; attention: api.TensorData }> {
    const { signal, ...rest } = portableInterventions('selfAttention', options);
    return this.#client.ask('selfAttention', [this.#key, text, rest], { signal });
  }

  async trace(text: string, options: api.TraceOptions = {}): Promise<api.Trace> {
    const { signal, ...rest } = portableInterventions('trace', options);
    return accessible(await this.#client.ask('trace', [this.#key, text, rest], { signal }));
  }

  influence(
    text: string,
    { signal, ...rest }: Omit<api.TraceOptions, 'stages' | 'interventions'> = {},
  ): Promise<api.Influence> {
    return this.#client.ask('influence', [this.#key, text, rest], { signal });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    // An engine that is gone has freed it already.
    this.#client.ask('close', [this.#key]).catch(() => undefined);
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}
