// SPDX-License-Identifier: MIT
// One instance of the engine: picked, fetched, instantiated, called, and given up when it breaks.
import type { WasmFile } from './compile.js';
import { compiled, pickBuild, wasmFile } from './compile.js';
import { describe, fail, fromReport } from './error.js';
import type { Build } from './features.js';
import type { CoreModule, Handle, CreateModule } from './module.js';
import type { Platform } from './platform.js';
import { Recent } from './recent.js';
import { Threads, pickThreads } from './threads.js';
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

/** An operation with its options, which the engine reads once. */
export interface Prepared {
  readonly name: string;
  /** The options as a JSON text, '' for none. */
  readonly text: string;
  readonly key: string;
  /** Where the engine has it; -1 before the first run, and when others have taken its place. */
  place: number;
  /** What the last run gave besides tensors. */
  answer: unknown;
}

// As bindings/embind/call.cpp has it: number, needs a gradient, rank, six sizes.
const factsSize = 9;
/** How many operations with options the engine keeps; options like seeds are new each time. */
const places = 256;

export class Core {
  readonly build: Build;
  readonly #threads: Threads | undefined;
  /** The tensors that JavaScript holds. */
  readonly tensors = new Set<Disposable>();
  /** Of them what was made in the scope that runs. */
  made: Set<Disposable> | undefined;
  /** Whether operations remember what gradients need. */
  records = true;
  #module: CoreModule | undefined;
  #poison: string | undefined;
  readonly #prepared = new Map<string, Prepared>();
  readonly #recent = new Map<string, Recent<Prepared>>();
  readonly #places: (Prepared | undefined)[] = [];
  #nextPlace = 0;
  #lastRun: Prepared | undefined;
  // Where lists of numbers cross, and how many have room there.
  #border = 0;
  #room = 0;

  constructor(module: CoreModule, build: Build, threads?: Threads) {
    this.#module = module;
    this.build = build;
    this.#threads = threads;
  }

  /** How many threads compute. */
  get threads(): number {
    return this.#threads?.count ?? 1;
  }

  /** Holds what was just made. */
  hold(made: Disposable): void {
    this.tensors.add(made);
    this.made?.add(made);
  }

  /** Lets go of something; false if the engine was disposed of before, with all that it held. */
  drop(gone: Disposable): boolean {
    this.made?.delete(gone);
    return this.tensors.delete(gone);
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

  /** An operation by name with options as a JSON text, to be run any number of times. */
  prepare(name: string, text: string): Prepared {
    const key = text ? `${name} ${text}` : name;
    return this.#prepared.get(key) ?? { name, text, key, place: -1, answer: undefined };
  }

  /** What was last prepared for an operation. */
  recent(name: string): Recent<Prepared> {
    let found = this.#recent.get(name);
    if (!found) this.#recent.set(name, (found = new Recent()));
    return found;
  }

  /** Runs an operation on tensors by number: the results, undefined where there is none. */
  run(prepared: Prepared, inputs: readonly number[]): (Facts | undefined)[] {
    if (prepared.place < 0) this.#take(prepared);
    this.#cross(inputs);
    const count = this.#number((module) =>
      module._regard_run(prepared.place, inputs.length, this.records),
    );
    const border = this.#borderFor(1 + count * factsSize);
    const { HEAP32 } = this.#alive();
    if (HEAP32[border]) {
      const answer = this.call((module) => module.answer(prepared.place));
      prepared.answer = answer ? JSON.parse(answer) : undefined;
    }
    this.#lastRun = prepared;
    const results: (Facts | undefined)[] = [];
    for (let i = 0; i < count; ++i) results.push(factsAt(HEAP32, border + 1 + i * factsSize));
    return results;
  }

  /** What the last run() gave besides tensors. */
  answer(): unknown {
    return this.#lastRun?.answer;
  }

  /** A tensor with undefined values. */
  makeTensor(shape: readonly number[]): number {
    this.#cross(shape);
    return this.#number((module) => module._regard_tensor(shape.length));
  }

  describe(tensor: number): Facts {
    this.#number((module) => module._regard_describe(tensor));
    return factsAt(this.#alive().HEAP32, this.#borderFor(factsSize))!;
  }

  /** The values of a tensor, where they lie: until the engine's memory grows. */
  view(tensor: number, count: number): Float32Array {
    const address = this.#number((module) => module._regard_address(tensor)) >> 2;
    return this.#alive().HEAPF32.subarray(address, address + count);
  }

  /** A copy of a tensor's values. */
  values(tensor: number, count: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.view(tensor, count));
  }

  /** Gives a tensor's memory back; of no effect once the engine is gone with all of its memory. */
  release(tensor: number): void {
    if (this.#module && this.#poison === undefined) this.#module._regard_release(tensor);
  }

  /** Frees what an operation of this name frees; of no effect once the engine is gone. */
  retire(name: string, options: object): void {
    if (!this.#module || this.#poison !== undefined) return;
    this.run(this.prepare(name, JSON.stringify(options)), []);
  }

  /** As call(), for what returns a whole number, or -1 where it fails. */
  #number(operation: (module: CoreModule) => number): number {
    return this.call((module) => {
      const number = operation(module);
      return number < 0 ? undefined : number;
    });
  }

  // Hands an operation its place in the engine, for which another may lose its own.
  #take(prepared: Prepared): void {
    const place = this.#nextPlace;
    const before = this.#places[place];
    if (before) {
      before.place = -1;
      this.#prepared.delete(before.key);
      this.#places[place] = undefined;
    }
    this.call((module) => module.prepare(place, prepared.name, prepared.text));
    this.#places[place] = prepared;
    this.#nextPlace = (place + 1) % places;
    this.#prepared.set(prepared.key, prepared);
    prepared.place = place;
    prepared.answer = undefined;
  }

  // The border as a place in HEAP32, with room for that many numbers.
  #borderFor(count: number): number {
    if (count > this.#room) {
      this.#border = this.#number((module) => module._regard_border(count)) >> 2;
      this.#room = count;
    }
    return this.#border;
  }

  #cross(numbers: readonly number[]): void {
    const border = this.#borderFor(numbers.length);
    const { HEAP32 } = this.#alive();
    for (let i = 0; i < numbers.length; ++i) HEAP32[border + i] = numbers[i]!;
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
    this.#threads?.end();
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
    this.#threads?.end();
  }
}

function factsAt(numbers: Int32Array, at: number): Facts | undefined {
  const number = numbers[at]!;
  if (!number) return undefined;
  const shape: number[] = [];
  for (let axis = 0; axis < numbers[at + 2]!; ++axis) shape.push(numbers[at + 3 + axis]!);
  return { number, needsGradient: numbers[at + 1] === 1, shape };
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
    case 'regard-threads-simd':
      return import('./regard-threads-simd.mjs');
    case 'regard-threads-relaxed':
      return import('./regard-threads-relaxed.mjs');
    case 'regard-lab-threads-simd':
      return import('./regard-lab-threads-simd.mjs');
    case 'regard-lab-threads-relaxed':
      return import('./regard-lab-threads-relaxed.mjs');
  }
}

/**
 * Instantiates an engine of its own memory. Its code is fetched and compiled once for all. Its
 * threads begin to start meanwhile.
 */
export async function createCore(platform: Platform, options: LoadOptions): Promise<Core> {
  const build = pickBuild(options);
  const wanted = pickThreads(options);
  const threads = wanted > 1 ? Threads.start(platform, wanted - 1) : undefined;
  try {
    const file = wasmFile(build, options, threads !== undefined);
    const [{ default: create }, code] = await Promise.all([
      glue(file),
      compiled(platform, file, options),
    ]);
    const module = await instantiate(create, code, threads?.memory);
    await threads?.join(module, code);
    return new Core(module, build, threads);
  } catch (error) {
    threads?.end();
    throw error;
  }
}

function instantiate(
  create: CreateModule,
  code: WebAssembly.Module,
  wasmMemory: WebAssembly.Memory | undefined,
): Promise<CoreModule> {
  return new Promise<CoreModule>((resolve, reject) => {
    const instantiateWasm: Parameters<CreateModule>[0]['instantiateWasm'] = (imports, done) => {
      WebAssembly.instantiate(code, imports).then(done).catch(reject);
      return {};
    };
    create({ instantiateWasm, ...(wasmMemory && { wasmMemory }) }).then(resolve, reject);
  }).catch((error: unknown) => {
    const { name, message } = describe(error);
    const kind = name === 'RangeError' ? 'OutOfMemoryError' : 'FormatError';
    return fail(kind, `load: the engine could not be started (${message})`, error);
  });
}
