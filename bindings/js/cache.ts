// SPDX-License-Identifier: MIT
import type { Core, Facts, Prepared } from './core.js';
import { EngineTensor, only } from './engine-tensor.js';
import { fail } from './error.js';
import { disposeSymbol } from './features.js';
import type { Operands } from './operate.js';
import { execute, operate, toText } from './operate.js';
import type { CacheOptions, KeyValueCache, TensorLike } from './types.js';
import { countOf } from './values.js';

/** The keys and values of an engine's layer. */
export class EngineCache implements KeyValueCache {
  readonly #core: Core;
  readonly #cache: number;
  readonly #expectLayer: () => void;
  // The operation that is run again and again.
  readonly #step: Prepared;
  // What was last forgotten, which is mostly what is forgotten next.
  #cut: { length: number; prepared: Prepared } | undefined;
  #batch: number;
  #length = 0;
  #disposed = false;

  constructor(core: Core, layer: number, expectLayer: () => void, options: CacheOptions) {
    operate(core, 'cache', {}, { ...options, layer });
    this.#core = core;
    this.#cache = core.answer() as number;
    this.#expectLayer = expectLayer;
    this.#step = core.prepare('layer.step', toText('layer.step', { layer, cache: this.#cache }));
    this.#batch = options.batch ?? 1;
    core.hold(this);
  }

  get batch(): number {
    return this.#batch;
  }

  get length(): number {
    return this.#length;
  }
  set length(length: number) {
    this.#expectAlive();
    if (this.#cut?.length !== length) {
      const text = toText('cache.length', { length, cache: this.#cache });
      this.#cut = { length, prepared: this.#core.prepare('cache.length', text) };
    }
    execute(this.#core, this.#cut.prepared, {});
    this.#length = length;
  }

  get keys(): EngineTensor {
    return this.#read(0);
  }
  get values(): EngineTensor {
    return this.#read(1);
  }

  step(x: TensorLike): EngineTensor {
    this.#expectAlive();
    this.#expectLayer();
    const output = only(this.#core, execute(this.#core, this.#step, { x }));
    this.#length += countOf(output.shape) / (this.#batch * output.shape.at(-1)!);
    return output;
  }

  append(keys: TensorLike, values: TensorLike): this {
    this.#do('cache.append', { keys, values });
    this.#length = this.#core.answer() as number;
    return this;
  }

  reorder(parents: readonly number[]): this {
    if (!Array.isArray(parents)) fail('ValueError', 'cache: the parents are no array');
    this.#do('cache.reorder', {}, { parents });
    this.#batch = parents.length;
    return this;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#core.drop(this)) this.#core.retire('cache.release', { cache: this.#cache });
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  #do(operation: string, operands: Operands, options: object = {}): (Facts | undefined)[] {
    this.#expectAlive();
    return operate(this.#core, operation, operands, { ...options, cache: this.#cache });
  }

  #read(which: 0 | 1): EngineTensor {
    return only(this.#core, this.#do('cache.read', {}, { values: which === 1 }));
  }

  #expectAlive(): void {
    if (this.#disposed) fail('DisposedError', 'cache: it was disposed of');
  }
}
