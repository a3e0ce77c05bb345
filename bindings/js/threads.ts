// SPDX-License-Identifier: MIT
// The threads of an engine besides the one that calls it: Workers that run thread.ts, each with an
// instance of its own of the same code around the same memory. They take ranges of the engine's
// loops by themselves (src/tensor/thread_pool.h); here they are started, counted and ended.
import { fail, fromReport } from './error.js';
import { processors, sharesMemory } from './features.js';
import type { Invitation } from './join.js';
import type { CoreModule } from './module.js';
import type { Platform, WorkerChannel } from './platform.js';
import type { LoadOptions } from './types.js';

/** At most so many where nobody asks for more: the caller's core is busy, and others have work, too. */
const usual = 4;
const most = 64;

/** How many threads to start, the caller's included. throws ValueError for nonsense. */
export function pickThreads({ threads, wasmBinary }: LoadOptions): number {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= most)) {
    const given = typeof threads === 'number' ? String(threads) : JSON.stringify(threads);
    fail('ValueError', `load: threads is ${given}, expected a whole number from 1 to ${most}`);
  }
  if (wasmBinary) {
    if ((threads ?? 1) === 1) return 1;
    fail('ValueError', `load: threads is ${threads}, but wasmBinary is code for one`);
  }
  return sharesMemory() ? (threads ?? Math.min(processors(), usual)) : 1;
}

export class Threads {
  /** How long load() waits for threads, in ms; those that come later help from then on. */
  static patience = 10_000;

  /** As CMakeLists.txt has it: 16 MB, at most 2 GB. */
  readonly memory = new WebAssembly.Memory({ initial: 256, maximum: 32768, shared: true });
  readonly #workers: WorkerChannel[] = [];
  readonly #ready = new Set<WorkerChannel>();
  #wake = (): void => undefined;

  /**
   * Begins to start `count` threads, the caller's not included; nothing where the page's policy or
   * the host's memory forbids it: the engine then runs on the caller's alone.
   */
  static start(platform: Platform, count: number): Threads | undefined {
    let threads: Threads | undefined;
    try {
      threads = new Threads();
      while (threads.#workers.length < count) threads.#workers.push(platform.startThread());
      return threads;
    } catch {
      threads?.end();
      return undefined;
    }
  }

  /** How many there are, the caller's included. */
  get count(): number {
    return this.#ready.size + 1;
  }

  /** Lets the threads into the instance that was made of `code`. Resolves when they are there. */
  async join(module: CoreModule, code: WebAssembly.Module): Promise<void> {
    const facts = module.prepareThreads!(this.#workers.length + 1);
    if (!facts) throw fromReport(module.lastError());
    const first = facts.address() >> 2;
    const numbers = module.HEAP32.slice(first, first + facts.count());
    facts.delete();
    const [begin, abandon, state, ended, ...blocks] = numbers as unknown as [
      number,
      number,
      number,
      number,
      ...number[],
    ];
    this.#wake = () => {
      const word = new Int32Array(this.memory.buffer, state, 1);
      Atomics.or(word, 0, ended);
      Atomics.notify(word, 0);
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, Threads.patience)));
    const arrivals = this.#workers.map((worker, i) =>
      this.#invite(worker, { code, memory: this.memory, begin, abandon, block: blocks[i]! }),
    );
    await Promise.race([late, Promise.all(arrivals)]);
    clearTimeout(timer);
  }

  /** Ends all of them, also those of an engine that is broken. */
  end(): void {
    // a Worker that sleeps in its engine would be ended only seconds later
    this.#wake();
    for (const worker of this.#workers) worker.terminate();
    this.#ready.clear();
  }

  #invite(worker: WorkerChannel, invitation: Invitation): Promise<void> {
    return new Promise((resolve) => {
      worker.listen(() => {
        this.#ready.add(worker);
        worker.hold(false); // it is no reason for a process to go on
        resolve();
      });
      worker.onDeath(() => {
        this.#ready.delete(worker);
        resolve();
      });
      worker.post(invitation, []);
    });
  }
}
