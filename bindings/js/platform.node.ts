// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { channel } from './channel.node.js';
import type { Platform } from './platform.js';

const absent = ['ENOENT', 'ENOTDIR', 'EISDIR'];

export const node: Platform = {
  resolve(location) {
    if (typeof location !== 'string') return location;
    return /^[a-z][a-z0-9+.-]+:/i.test(location) ? new URL(location) : pathToFileURL(location);
  },
  wasmUrl: (file) => new URL(`./${file}.wasm`, import.meta.url),
  modelsUrl: () => new URL('./models/', import.meta.url),
  // without the flags of this process, some of which are not for files
  startThread: () =>
    channel(new Worker(new URL('./thread.node.js', import.meta.url), { execArgv: [] })),
  async readFile(url) {
    try {
      return new Uint8Array(await readFile(url));
    } catch (error) {
      if (absent.includes((error as { code?: string }).code ?? '')) return undefined;
      throw error;
    }
  },
};
