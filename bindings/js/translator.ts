// SPDX-License-Identifier: MIT
// A translator on this thread. The search stays in C++; this side steps it, so that events, timers
// and an abort come through between two steps.
import type { Core } from './core.js';
import { fail, throwIfAborted } from './error.js';
import { disposeSymbol, nextTask } from './features.js';
import { readFacts } from './model-facts.js';
import type { ModelFolder } from './model-files.js';
import type { SearchHandle, TranslatorHandle } from './module.js';
import { withInterventions } from './interventions.js';
import { checkedText, searchOptions } from './options.js';
import { readSentence, readTensor, readTranslation } from './read.js';
import { accessible, readInfluence, readTrace } from './trace.js';
import type * as api from './types.js';

/** Milliseconds between two looks at what else waits. */
const slice = 8;

/** throws FormatError naming the file and what is wrong in it. */
export function openTranslator(core: Core, folder: ModelFolder, int8: boolean): api.Translator {
  const handle = core.using((keep) => {
    const taken = keep(core.call((module) => module.folder()));
    for (const [file, bytes] of folder.files) {
      const address = core.call(() => taken.add(file, bytes.length));
      core.write(address, bytes, 'bytes');
    }
    return core.call((module) => module.translator(taken, int8));
  });
  try {
    return new EngineTranslator(core, handle, folder);
  } catch (error) {
    core.free(handle);
    throw error;
  }
}

class EngineTranslator implements api.Translator {
  readonly name: string;
  readonly layers: number;
  readonly decoderLayers: number;
  readonly heads: number;
  readonly config: api.Translator['config'];
  readonly alignmentHeads: api.Translator['alignmentHeads'];
  readonly sourceLang: string | undefined;
  readonly targetLang: string | undefined;
  readonly #core: Core;
  readonly #beams: number;
  #handle: TranslatorHandle | undefined;

  constructor(core: Core, handle: TranslatorHandle, folder: ModelFolder) {
    const { layers, decoderLayers, heads, beams } = core.call(() => handle.facts());
    const { config, alignmentHeads, sourceLang, targetLang } = readFacts(folder);
    this.name = folder.name;
    this.layers = layers;
    this.decoderLayers = decoderLayers;
    this.heads = heads;
    this.config = config;
    this.alignmentHeads = alignmentHeads;
    this.sourceLang = sourceLang;
    this.targetLang = targetLang;
    this.#core = core;
    this.#handle = handle;
    this.#beams = beams;
  }

  translate(text: string, options?: api.TranslateOptions): Promise<api.Translation>;
  translate(texts: readonly string[], options?: api.TranslateOptions): Promise<api.Translation[]>;
  async translate(
    text: string | readonly string[],
    options: api.TranslateOptions = {},
  ): Promise<api.Translation | api.Translation[]> {
    throwIfAborted(options.signal);
    if (!Array.isArray(text)) return (await this.#translateAll([text as string], options))[0]!;
    return this.#translateAll(text as string[], options);
  }

  async #translateAll(
    given: readonly string[],
    options: api.TranslateOptions,
  ): Promise<api.Translation[]> {
    const core = this.#core;
    const texts = given.map((text) => checkedText('the text', text));
    const search = this.#start(texts, options);
    try {
      await this.#run(search, options.signal, this.#reporter(search, texts.length, options));
      return texts.map((_, text) =>
        readTranslation(
          core,
          core.call(() => search.result(text)),
        ),
      );
    } finally {
      core.free(search);
    }
  }

  #start(texts: readonly string[], options: api.TranslateOptions): SearchHandle {
    const core = this.#core;
    const translator = this.#alive();
    const checked = searchOptions(options, this.#beams);
    return core.using((keep) => {
      const list = keep(core.call((module) => module.texts()));
      for (const text of texts) core.call(() => list.add(text));
      const { interventions: changes } = options;
      return withInterventions(core, 'translate', { interventions: changes }, (interventions) =>
        core.call((module) => {
          const earlyStopping = module.EarlyStopping[checked.earlyStopping];
          return module.search(translator, list, { ...checked, earlyStopping, interventions });
        }),
      );
    });
  }

  // Steps until there is nothing left to do, and lets the host in every few milliseconds.
  async #run(
    search: { step(): boolean | undefined },
    signal: AbortSignal | undefined,
    report: () => void = () => undefined,
  ): Promise<void> {
    let begin = performance.now();
    while (this.#core.call(() => search.step())) {
      report();
      if (performance.now() - begin < slice) continue;
      await nextTask();
      throwIfAborted(signal);
      this.#alive();
      begin = performance.now();
    }
  }

  // Tells of each text whose translation has grown.
  #reporter(search: SearchHandle, texts: number, { onProgress }: api.TranslateOptions): () => void {
    if (!onProgress) return () => undefined;
    const said: string[] = [];
    return () => {
      for (let index = 0; index < texts; ++index) {
        const partial = this.#core.call(() => search.partial(index));
        const { text, pieces } = readSentence(this.#core, partial);
        if (text === (said[index] ?? '')) continue;
        said[index] = text;
        onProgress({ text, pieces: pieces.length, index });
      }
    };
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- so that errors reject
  async tokenize(text: string, side: 'source' | 'target' = 'source'): Promise<api.Sentence> {
    if (side !== 'source' && side !== 'target') {
      fail('ValueError', `tokenize: side is '${String(side)}', expected 'source' or 'target'`);
    }
    const checked = checkedText('the text', text);
    const translator = this.#alive();
    const encoded = this.#core.call(() =>
      side === 'target' ? translator.encodeTarget(checked) : translator.encodeSource(checked),
    );
    return readSentence(this.#core, encoded);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- so that errors reject
  async selfAttention(
    text: string,
    options: { signal?: AbortSignal; interventions?: readonly api.Intervention[] } = {},
  ): Promise<{ source: api.Sentence; attention: api.TensorData }> {
    const { signal, interventions } = options;
    throwIfAborted(signal);
    const core = this.#core;
    const checked = checkedText('the text', text);
    const translator = this.#alive();
    return core.using((keep) => {
      const found = keep(
        withInterventions(core, 'selfAttention', { interventions }, (asked) =>
          core.call(() => translator.selfAttention(checked, asked)),
        ),
      );
      const source = readSentence(
        core,
        core.call(() => found.source()),
      );
      return {
        source,
        attention: readTensor(
          core,
          core.call(() => found.weights()),
        ),
      };
    });
  }

  async trace(text: string, options: api.TraceOptions = {}): Promise<api.Trace> {
    const core = this.#core;
    const checked = checkedText('the text', text);
    const target = await this.#targetIds('trace', text, options);
    const translator = this.#alive();
    const { stages, interventions } = options;
    const found = withInterventions(core, 'trace', { target, stages, interventions }, (asked) =>
      core.call((module) => module.trace(translator, checked, asked)),
    );
    return accessible(readTrace(core, found));
  }

  async influence(
    text: string,
    options: Omit<api.TraceOptions, 'stages' | 'interventions'> = {},
  ): Promise<api.Influence> {
    const core = this.#core;
    const checked = checkedText('the text', text);
    const target = await this.#targetIds('influence', text, options);
    const translator = this.#alive();
    const found = core.call((module) =>
      module.influence(translator, checked, JSON.stringify({ target })),
    );
    try {
      await this.#run(found, options.signal);
      return readInfluence(core, found);
    } finally {
      core.free(found);
    }
  }

  // Of the translation that was asked for, or of the one that a search finds.
  async #targetIds(
    operation: string,
    text: string,
    { target, ...options }: api.TraceOptions,
  ): Promise<number[]> {
    throwIfAborted(options.signal);
    const { pieces } =
      target === undefined
        ? (await this.translate(text, options)).target
        : await this.tokenize(target, 'target');
    throwIfAborted(options.signal);
    if (pieces.length === 0) fail('ValueError', `${operation}: the source is empty`);
    return pieces.map((piece) => piece.id);
  }

  dispose(): void {
    if (this.#handle) this.#core.free(this.#handle);
    this.#handle = undefined;
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  #alive(): TranslatorHandle {
    return this.#handle ?? fail('DisposedError', 'translator: it was disposed of');
  }
}
