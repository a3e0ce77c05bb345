// SPDX-License-Identifier: MIT
import { channel } from './channel.browser.js';
import { describe, fail } from './error.js';
import type { WorkerChannel } from './platform.js';

/** Starts the Worker of worker.ts, or takes the one that `factory` makes. */
export function spawn(factory: (() => Worker) | undefined): WorkerChannel {
  const worker = start(factory);
  if (typeof (worker as Partial<Worker> | undefined)?.postMessage !== 'function') {
    fail('ValueError', 'load: workerFactory did not return a Worker');
  }
  return channel(worker);
}

function start(factory: (() => Worker) | undefined): Worker {
  if (factory) return factory();
  try {
    // Written out, so that bundlers see the file and bring it along.
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  } catch (error) {
    const { message } = describe(error);
    return fail('ValueError', `load: this page cannot start a Worker (${message})`, error);
  }
}
