// SPDX-License-Identifier: MIT
// The public API on this thread: each method is a file of its own.
import type { Core } from './core.js';
import { createCore } from './core.js';
import { disposeSymbol } from './features.js';
import { EngineFunctions } from './functions.js';
import { EngineMeasures } from './measures.js';
import { readModel } from './model-files.js';
import type { Platform } from './platform.js';
import { openTranslator } from './translator.js';
import type * as api from './types.js';

export class Engine extends EngineFunctions implements api.Lab {
  readonly measures: api.Measures;
  readonly #platform: Platform;
  readonly #modelsUrl: string | URL | undefined;

  constructor(core: Core, platform: Platform, modelsUrl: string | URL | undefined) {
    super(core);
    this.measures = new EngineMeasures(core);
    this.#platform = platform;
    this.#modelsUrl = modelsUrl;
  }

  static async start(platform: Platform, options: api.LoadOptions): Promise<Engine> {
    return new Engine(await createCore(platform, options), platform, options.modelsUrl);
  }

  get build(): 'simd' | 'relaxed' {
    return this.core.build;
  }

  get threads(): number {
    return this.core.threads;
  }

  async translator(
    source: string | URL | api.ModelFiles,
    options?: api.TranslatorOptions,
  ): Promise<api.Translator> {
    this.core.expectAlive();
    const folder = await readModel(this.#platform, this.#modelsUrl, source, options);
    return openTranslator(this.core, folder, options?.precision === 'int8');
  }

  memory(): api.MemoryUse {
    return this.core.memory();
  }

  dispose(): void {
    this.core.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}
