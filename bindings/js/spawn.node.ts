// SPDX-License-Identifier: MIT
import { Worker } from 'node:worker_threads';
import { channel } from './channel.node.js';
import type { WorkerChannel } from './platform.js';

/** Starts the Worker of worker.node.ts. */
export function spawn(): WorkerChannel {
  return channel(new Worker(new URL('./worker.node.js', import.meta.url)));
}
