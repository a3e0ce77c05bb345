// SPDX-License-Identifier: MIT
// The public API of an engine that runs in a Worker.
import { portable } from './attention.js';
import { Client } from './client.js';
import { describe, fail } from './error.js';
import { disposeSymbol } from './features.js';
import { isAddress, modelUrl } from './model-files.js';
import type { Platform, Spawn } from './platform.js';
import type { Result } from './protocol.js';
import { HostTensor } from './tensor.js';
import type * as api from './types.js';
import { toTensorData } from './values.js';
import { WorkerTranslator } from './worker-translator.js';

export class WorkerEngine implements api.WorkerRegard {
  readonly build: 'simd' | 'relaxed';
  readonly threads: number;
  readonly #client: Client;
  readonly #platform: Platform;
  readonly #modelsUrl: string | URL | undefined;

  private constructor(
    client: Client,
    { build, threads }: Result<'load'>,
    platform: Platform,
    modelsUrl: string | URL | undefined,
  ) {
    this.#client = client;
    this.build = build;
    this.threads = threads;
    this.#platform = platform;
    this.#modelsUrl = modelsUrl;
  }

  static async start(
    platform: Platform,
    spawn: Spawn,
    { lab, workerFactory, baseUrl, build, threads, wasmBinary, modelsUrl }: api.LoadOptions,
  ): Promise<WorkerEngine> {
    if (lab)
      fail('ValueError', 'load: lab and worker exclude each other: the laboratory answers at once');
    const client = new Client(spawn(workerFactory));
    try {
      // A Worker made from a blob has no address that others could be relative to.
      const loaded = await client.ask('load', [
        {
          ...(baseUrl !== undefined && { baseUrl: platform.resolve(baseUrl).href }),
          ...(build !== undefined && { build }),
          ...(threads !== undefined && { threads }),
          ...(wasmBinary !== undefined && { wasmBinary }),
        },
      ]);
      return new WorkerEngine(client, loaded, platform, modelsUrl);
    } catch (error) {
      client.dispose();
      const { name, message } = describe(error);
      // One that dies before it has answered has not been found.
      if (name === 'PoisonedError') fail('DownloadError', `load: ${message}`, error);
      throw error;
    }
  }

  tensor(values: api.MaskLike | ArrayLike<number>, shape?: readonly number[]): api.PlainTensor {
    this.#client.expectAlive();
    const { shape: checked, data } = toTensorData('tensor', 'data', values, shape);
    return new HostTensor({ shape: checked, data: data.slice() });
  }

  async attention(
    q: api.TensorLike,
    k: api.TensorLike,
    v: api.TensorLike,
    options: api.AttentionOptions = {},
  ): Promise<api.Attention<api.PlainTensor>> {
    const found = await this.#client.ask('attention', [
      plain('queries', q),
      plain('keys', k),
      plain('values', v),
      portable(options),
    ]);
    const tensors = Object.entries(found).map(([name, data]) => [name, new HostTensor(data)]);
    return Object.fromEntries(tensors) as api.Attention<api.PlainTensor>;
  }

  /** Tensors hold memory of this thread here, which the host frees by itself. */
  scope<T>(body: () => T): T {
    this.#client.expectAlive();
    return body();
  }

  async translator(
    source: string | URL | api.ModelFiles,
    options: api.TranslatorOptions = {},
  ): Promise<api.Translator> {
    const { signal, onProgress, ...rest } = options;
    const where = isAddress(source)
      ? modelUrl(this.#platform, this.#modelsUrl, source).href
      : source;
    const onLate = ({ key }: { key: number }): void => {
      this.#client.ask('close', [key]).catch(() => undefined);
    };
    const info = await this.#client.ask('open', [where, rest], { signal, onProgress, onLate });
    return new WorkerTranslator(this.#client, info);
  }

  get measures(): api.WorkerRegard['measures'] {
    const ask =
      (name: keyof api.Measures) =>
      async (...values: readonly api.TensorLike[]): Promise<never> => {
        const plainValues = values.map((one, i) => {
          const { shape, data } = toTensorData(name, `operand ${i}`, one);
          return { shape: [...shape], data };
        });
        return (await this.#client.ask('measure', [name, plainValues])) as never;
      };
    return {
      entropy: ask('entropy'),
      meanEntropy: ask('meanEntropy'),
      rollout: ask('rollout'),
      received: ask('received'),
      kendallTau: ask('kendallTau'),
    };
  }

  memory(): Promise<api.MemoryUse> {
    return this.#client.ask('memory', []);
  }

  dispose(): void {
    this.#client.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}

function plain(name: string, values: api.TensorLike): api.TensorData {
  const { shape, data } = toTensorData('attention', name, values);
  return { shape: [...shape], data };
}
