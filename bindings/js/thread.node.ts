// SPDX-License-Identifier: MIT
import { parentPort } from 'node:worker_threads';
import type { Invitation } from './join.js';
import { join } from './join.js';

parentPort?.once('message', (invitation: Invitation) => {
  void join(invitation, () => parentPort?.postMessage('ready'));
});
