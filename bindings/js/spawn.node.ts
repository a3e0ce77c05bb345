// SPDX-License-Identifier: MIT
import { Worker } from 'node:worker_threads';
import { describe } from './error.js';
import type { WorkerChannel } from './platform.js';

/** Starts the Worker of worker.node.ts. */
export function spawn(): WorkerChannel {
  const worker = new Worker(new URL('./worker.node.js', import.meta.url));
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
