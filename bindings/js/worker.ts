// SPDX-License-Identifier: MIT
// The file that a page's Worker runs. It must not import what starts it: bundlers hang on the cycle.
import { browser } from './platform.browser.js';
import { serve } from './service.js';

const scope = globalThis as unknown as Pick<Worker, 'postMessage' | 'addEventListener'>;

serve(
  {
    post: (message, transfer) => scope.postMessage(message, transfer),
    listen: (handler) =>
      scope.addEventListener('message', (event: MessageEvent<unknown>) => handler(event.data)),
  },
  browser,
);
