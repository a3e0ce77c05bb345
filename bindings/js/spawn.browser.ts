// SPDX-License-Identifier: MIT
import { fail } from './error.js';
import type { WorkerChannel } from './platform.js';

/** Starts the Worker of worker.ts, or takes the one that `factory` makes. */
export function spawn(factory: (() => Worker) | undefined): WorkerChannel {
  const worker =
    factory === undefined
      ? new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
      : factory();
  if (typeof (worker as Partial<Worker> | undefined)?.postMessage !== 'function') {
    fail('ValueError', 'load: workerFactory did not return a Worker');
  }
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen: (handler) =>
      worker.addEventListener('message', (event: MessageEvent<unknown>) => handler(event.data)),
    onDeath(handler) {
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        handler(event.message || 'its file could not be loaded');
      });
      worker.addEventListener('messageerror', () => handler('a message could not be read'));
    },
    hold: () => undefined,
    terminate: () => worker.terminate(),
  };
}
