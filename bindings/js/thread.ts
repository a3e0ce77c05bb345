// SPDX-License-Identifier: MIT
// The file that a thread of an engine runs in a page. It imports nothing that starts it.
import type { Invitation } from './join.js';
import { join } from './join.js';

const scope = globalThis as unknown as Pick<Worker, 'postMessage' | 'addEventListener'>;

scope.addEventListener('message', ({ data }: MessageEvent<Invitation>) => {
  void join(data, () => scope.postMessage('ready'));
});
