// SPDX-License-Identifier: MIT
import type { Worker } from 'node:worker_threads';
import { describe } from './error.js';
import type { WorkerChannel } from './platform.js';

/** A Worker of Node as the library sees it. */
export function channel(worker: Worker): WorkerChannel {
  let ended = false;
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen: (handler) => worker.on('message', handler),
    onDeath(handler) {
      worker.on('error', (error) => handler(describe(error).message));
      worker.on('messageerror', () => handler('a message could not be read'));
      worker.on('exit', (code) => {
        if (!ended) handler(`it ended with code ${code}`);
      });
    },
    hold: (awaited) => (awaited ? worker.ref() : worker.unref()),
    terminate() {
      ended = true;
      void worker.terminate();
    },
  };
}
