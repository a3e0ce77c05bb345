// SPDX-License-Identifier: MIT
// The Worker's side: an Engine that answers the requests of protocol.ts.
import { Engine } from './engine.js';
import { fail, toReport } from './error.js';
import type { Channel, Platform } from './platform.js';
import type { Arguments, FromWorker, Method, Request, Result, ToWorker } from './protocol.js';
import { transferables } from './protocol.js';
import type * as api from './types.js';
import type { Regard, Tensor, Translator } from './types.js';

interface Call {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: unknown) => void;
}

type Handlers = {
  [M in Method]: (call: Call, ...given: Arguments<M>) => Result<M> | Promise<Result<M>>;
};

/** Answers what arrives at `port` for as long as the Worker lives. */
export function serve(port: Channel, platform: Platform): void {
  const handlers = answering(platform);
  const running = new Map<number, AbortController>();

  const answer = async (request: Request): Promise<void> => {
    const { id, method } = request;
    const controller = new AbortController();
    running.set(id, controller);
    const send = (message: FromWorker): void => port.post(message, transferables(message));
    const call: Call = {
      signal: controller.signal,
      ...(request.progress && { onProgress: (progress) => send({ id, progress }) }),
    };
    try {
      const handle = handlers[method] as (call: Call, ...given: unknown[]) => unknown;
      send({ id, result: await handle(call, ...request.arguments) });
    } catch (error) {
      send({ id, error: toReport(error) });
    } finally {
      running.delete(id);
    }
  };
  port.listen((message) => {
    const request = message as ToWorker;
    if ('cancel' in request) running.get(request.cancel)?.abort();
    else void answer(request);
  });
}

function answering(platform: Platform): Handlers {
  let engine: Regard | undefined;
  const loaded = (): Regard => engine ?? fail('ValueError', 'worker: load comes first');
  const translators = new Map<number, Translator>();
  const opened = (key: number): Translator =>
    translators.get(key) ?? fail('DisposedError', 'translator: it was disposed of');
  let lastKey = 0;

  return {
    async load(_, options) {
      engine = await Engine.start(platform, options);
      return { build: engine.build, threads: engine.threads };
    },

    attention(_, q, k, v, options) {
      const regard = loaded();
      return regard.scope(() => {
        const found = Object.entries(regard.attention(q, k, v, options)) as [string, Tensor][];
        const plain = found.map(([name, { shape, data }]) => [name, { shape, data }] as const);
        return Object.fromEntries(plain) as unknown as Result<'attention'>;
      });
    },

    memory: () => loaded().memory(),

    async open(call, source, options) {
      const translator = await loaded().translator(source, { ...options, ...call });
      const { name, layers, decoderLayers, heads, config } = translator;
      const { alignmentHeads, sourceLang, targetLang } = translator;
      translators.set(++lastKey, translator);
      const sizes = { layers, decoderLayers, heads };
      return { key: lastKey, name, ...sizes, config, alignmentHeads, sourceLang, targetLang };
    },
    translate: (call, key, texts, options) => opened(key).translate(texts, { ...options, ...call }),
    tokenize: (_, key, text, side) => opened(key).tokenize(text, side),
    selfAttention: ({ signal }, key, text, options) =>
      opened(key).selfAttention(text, { ...options, signal }),
    async trace({ signal }, key, text, options) {
      const trace = await opened(key).trace(text, { ...options, signal });
      const data = Object.entries(trace).filter(([, value]) => typeof value !== 'function');
      return Object.fromEntries(data) as unknown as Result<'trace'>;
    },
    influence: ({ signal }, key, text, options) =>
      opened(key).influence(text, { ...options, signal }),
    measure(_, name, values) {
      type Measure = (...given: readonly api.TensorData[]) => api.TensorData | number;
      const measures = loaded().measures as unknown as Record<typeof name, Measure>;
      return measures[name](...values);
    },
    close(_, key) {
      opened(key).dispose();
      translators.delete(key);
      return null;
    },
  };
}
