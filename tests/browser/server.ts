// SPDX-License-Identifier: MIT
// Serves a built folder to the tests, under a path if one likes, and fails downloads on request.
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

/** What happens to a request instead of a whole answer; asked once for each request. */
export type Trouble = (path: string) => 'cut' | Promise<unknown> | undefined;

export interface Server {
  /** With a slash at its end. */
  url: string;
  /** The paths that were asked for, in order. */
  requests: string[];
  /** 'cut' ends the answer half way; a promise holds its second half back. */
  trouble: Trouble;
  close: () => Promise<void>;
}

/** What makes a page isolated, so that threads may share memory. */
export const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

// With an icon of its own, or browsers ask for /favicon.ico.
const emptyPage = Buffer.from('<!doctype html><link rel="icon" href="data:,">');

/** Serves `folder`, with further `headers` on every answer. `empty.html` is an empty page. */
export async function serve(
  folder: string,
  prefix = '/',
  headers: Record<string, string> = {},
): Promise<Server> {
  const server: Server = { url: '', requests: [], trouble: () => undefined, close: () => closed() };
  const http = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    server.requests.push(pathname);
    void answer(pathname, request.headers.range, response);
  });

  async function answer(path: string, range: string | undefined, response: ServerResponse) {
    const inside = path.startsWith(prefix) ? path.slice(prefix.length) || 'index.html' : '..';
    const file = join(folder, normalize(`/${inside}`));
    const empty = basename(file) === 'empty.html' ? emptyPage : undefined;
    const bytes = empty ?? (await readFile(file).catch(() => undefined));
    if (!bytes || inside === '..') {
      response.writeHead(404).end('not here');
      return;
    }
    const begin = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    response.writeHead(begin > 0 ? 206 : 200, {
      ...headers,
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Length': bytes.length - begin,
      'Last-Modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
      ...(begin > 0 && { 'Content-Range': `bytes ${begin}-${bytes.length - 1}/${bytes.length}` }),
    });
    const trouble = server.trouble(path);
    if (trouble === undefined) {
      response.end(bytes.subarray(begin));
      return;
    }
    const half = begin + Math.floor((bytes.length - begin) / 2);
    response.write(bytes.subarray(begin, half), () => {
      if (trouble === 'cut') response.destroy();
      else void trouble.then(() => response.end(bytes.subarray(half)));
    });
  }

  function closed(): Promise<void> {
    http.closeAllConnections();
    return new Promise((resolve) => http.close(() => resolve()));
  }

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  server.url = `http://localhost:${(http.address() as AddressInfo).port}${prefix}`;
  return server;
}
