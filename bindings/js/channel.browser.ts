// SPDX-License-Identifier: MIT
import type { WorkerChannel } from './platform.js';

/** A Worker of a browser as the library sees it. */
export function channel(worker: Worker): WorkerChannel {
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
