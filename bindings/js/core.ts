// SPDX-License-Identifier: MIT
// One instance of the engine: picked, fetched, instantiated, called, and given up when it breaks.
import type { WasmFile } from './compile.js';
import { compiled, pickBuild, wasmFile } from './compile.js';
import { describe, fail, fromReport } from './error.js';
import type { Build } from './features.js';
import type { CoreModule, Handle, CreateModule } from './module.js';
import type { Platform } from './platform.js';
import type { LoadOptions, MemoryUse } from './types.js';

/** Anything that a scope may free. */
export interface Disposable {
  dispose(): void;
}

/** What crosses of a tensor. */
export interface Facts {
  readonly number: number;
  readonly needsGradient: boolean;
  readonly shape: readonly number[];
}

// As bindings/embind/call.cpp has it: number, needs a gradient, rank, six sizes.
const factsSize = 9;

export class Core {
  readonly build: Build;
  /** The tensors that JavaScript holds. */
  readonly tensors = new Set<Disposable>();
  /** Whether operations remember what gradients need. */
  records = true;
  #module: CoreModule | undefined;
  #poison: string | undefined;

  constructor(module: CoreModule, build: Build) {
    this.#module = module;
    this.build = build;
  }

  /**
   * Runs one operation of the engine and returns what it gives. Everything that it may be handed
   * must have been checked before: what is thrown inside counts as the end of the engine.
   * @throws the error that the engine reports; PoisonedError if it broke, now or before
   */
  call<T>(operation: (module: CoreModule) => T | undefined): T {
    const module = this.#alive();
    let result: T | undefined;
    let report;
    try {
      result = operation(module);
      if (result !== undefined) return result;
      report = module.lastError();
    } catch (trap) {
      this.#die(`broke (${describe(trap).message})`);
      fail('PoisonedError', this.#poison ?? '', trap);
    }
    // The heap may hold half of something, and it cannot shrink.
    if (report.fatal) {
      const full = report.name === 'OutOfMemoryError';
      this.#die(full ? 'ran out of memory' : `broke (${report.message})`);
    }
    throw fromReport(report);
  }

  /** Runs an operation by name on tensors by number: the results, undefined where there is none. */
  run(name: string, inputs: readonly number[], options: string): (Facts | undefined)[] {
    const border = this.call((module) => module.border(inputs.length));
    this.write(border, inputs, 'integers');
    const count = this.call((module) => module.call(name, inputs.length, options, this.records));
    return this.#facts(count);
  }

  /** What the last run() gave besides tensors. */
  answer(): unknown {
    return JSON.parse(this.call((module) => module.answer()));
  }

  /** A tensor with undefined values. */
  makeTensor(shape: readonly number[]): number {
    const border = this.call((module) => module.border(shape.length));
    this.write(border, shape, 'integers');
    return this.call((module) => module.tensor(shape.length));
  }

  describe(tensor: number): Facts {
    this.call((module) => module.describe(tensor));
    return this.#facts(1)[0]!;
  }

  /** A copy of a tensor's values. */
  values(tensor: number, count: number): Float32Array<ArrayBuffer> {
    return this.floats(
      this.call((module) => module.address(tensor)),
      count,
    );
  }

  /** Gives a tensor's memory back; of no effect once the engine is gone with all of its memory. */
  release(tensor: number): void {
    if (this.#module && this.#poison === undefined) this.#module.release(tensor);
  }

  /** Frees what an operation of this name frees; of no effect once the engine is gone. */
  retire(name: string, options: object): void {
    if (this.#module && this.#poison === undefined) this.run(name, [], JSON.stringify(options));
  }

  #facts(count: number): (Facts | undefined)[] {
    const border = this.call((module) => module.border(count * factsSize));
    const all = this.integers(border, count * factsSize);
    return Array.from({ length: count }, (_, i) => {
      const [number, needs, rank, ...sizes] = all.subarray(i * factsSize, (i + 1) * factsSize);
      return number
        ? { number, needsGradient: needs === 1, shape: sizes.slice(0, rank) }
        : undefined;
    });
  }

  /** A copy of `count` floats of the engine's memory. */
  floats(address: number, count: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#alive().HEAPF32.subarray(address >> 2, (address >> 2) + count));
  }

  /** A copy of `count` whole numbers of the engine's memory. */
  integers(address: number, count: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#alive().HEAP32.subarray(address >> 2, (address >> 2) + count));
  }

  write(address: number, values: ArrayLike<number>, as: 'floats' | 'integers' | 'bytes'): void {
    const { HEAPF32, HEAP32, HEAPU8 } = this.#alive();
    if (as === 'floats') HEAPF32.set(values, address >> 2);
    else if (as === 'integers') HEAP32.set(values, address >> 2);
    else HEAPU8.set(values, address);
  }

  /** Runs `body` and frees the handles that it gave to `keep`. */
  using<T>(body: (keep: <H extends Handle>(handle: H) => H) => T): T {
    const kept: Handle[] = [];
    try {
      return body((handle) => {
        kept.push(handle);
        return handle;
      });
    } finally {
      for (const handle of kept) this.free(handle);
    }
  }

  /** Gives a handle's memory back; of no effect once the engine is gone with all of its memory. */
  free(handle: Handle): void {
    if (this.#module && this.#poison === undefined) handle.delete();
  }

  memory(): MemoryUse {
    const module = this.#alive();
    return { heap: module.HEAPU8.byteLength, ...module.memoryUse(), tensors: this.tensors.size };
  }

  dispose(): void {
    this.#module = undefined;
    this.tensors.clear();
  }

  /** throws DisposedError or PoisonedError. */
  expectAlive(): void {
    this.#alive();
  }

  #alive(): CoreModule {
    if (this.#poison !== undefined) fail('PoisonedError', this.#poison);
    return this.#module ?? fail('DisposedError', 'regard: the engine was disposed of');
  }

  #die(how: string): void {
    this.#poison = `the engine ${how} and cannot go on; load() gives a fresh one`;
  }
}

// Written out, so that bundlers see the files.
function glue(file: WasmFile): Promise<{ default: CreateModule }> {
  switch (file) {
    case 'regard-simd':
      return import('./regard-simd.mjs');
    case 'regard-relaxed':
      return import('./regard-relaxed.mjs');
    case 'regard-lab-simd':
      return import('./regard-lab-simd.mjs');
    case 'regard-lab-relaxed':
      return import('./regard-lab-relaxed.mjs');
  }
}

/** Instantiates an engine of its own memory. Its code is fetched and compiled once for all. */
export async function createCore(platform: Platform, options: LoadOptions): Promise<Core> {
  const build = pickBuild(options);
  const file = wasmFile(build, options);
  const [{ default: create }, code] = await Promise.all([
    glue(file),
    compiled(platform, file, options),
  ]);
  const module = await new Promise<CoreModule>((resolve, reject) => {
    const instantiateWasm: Parameters<typeof create>[0]['instantiateWasm'] = (imports, done) => {
      WebAssembly.instantiate(code, imports).then(done).catch(reject);
      return {};
    };
    create({ instantiateWasm }).then(resolve, reject);
  }).catch((error: unknown) => {
    const { name, message } = describe(error);
    const kind = name === 'RangeError' ? 'OutOfMemoryError' : 'FormatError';
    return fail(kind, `load: the engine could not be started (${message})`, error);
  });
  return new Core(module, build);
}
