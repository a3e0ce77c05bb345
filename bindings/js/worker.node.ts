// SPDX-License-Identifier: MIT
import { parentPort } from 'node:worker_threads';
import { node } from './platform.node.js';
import { serve } from './service.js';

const port = parentPort;
if (port) {
  serve(
    {
      post: (message, transfer) => port.postMessage(message, transfer),
      listen: (handler) => port.on('message', handler),
    },
    node,
  );
}
