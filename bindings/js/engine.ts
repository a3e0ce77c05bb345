// SPDX-License-Identifier: MIT
// The public API on this thread: each method is a file of its own.
import { attention } from './attention.js';
import type { Core } from './core.js';
import { createCore } from './core.js';
import { disposeSymbol } from './features.js';
import { readModel } from './model-files.js';
import type { Platform } from './platform.js';
import { scope } from './scope.js';
import { copyIn, EngineTensor } from './tensor.js';
import { openTranslator } from './translator.js';
import type * as api from './types.js';
import { toTensorData } from './values.js';

export class Engine implements api.Regard {
  readonly #core: Core;
  readonly #platform: Platform;
  readonly #modelsUrl: string | URL | undefined;

  constructor(core: Core, platform: Platform, modelsUrl: string | URL | undefined) {
    this.#core = core;
    this.#platform = platform;
    this.#modelsUrl = modelsUrl;
  }

  static async start(platform: Platform, options: api.LoadOptions): Promise<Engine> {
    return new Engine(await createCore(platform, options), platform, options.modelsUrl);
  }

  get build(): 'simd' | 'relaxed' {
    return this.#core.build;
  }

  tensor(values: api.TensorLike | ArrayLike<number>, shape?: readonly number[]): api.Tensor {
    const checked = toTensorData('tensor', 'data', values, shape);
    return new EngineTensor(this.#core, copyIn(this.#core, checked));
  }

  attention(
    q: api.TensorLike,
    k: api.TensorLike,
    v: api.TensorLike,
    options?: api.AttentionOptions,
  ): api.Attention {
    return attention(this.#core, q, k, v, options);
  }

  scope<T>(body: () => T): T {
    return scope(this.#core, body);
  }

  async translator(
    source: string | URL | api.ModelFiles,
    options?: api.TranslatorOptions,
  ): Promise<api.Translator> {
    this.#core.expectAlive();
    const folder = await readModel(this.#platform, this.#modelsUrl, source, options);
    return openTranslator(this.#core, folder);
  }

  memory(): api.MemoryUse {
    return this.#core.memory();
  }

  dispose(): void {
    this.#core.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}
