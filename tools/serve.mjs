// SPDX-License-Identifier: MIT
// A small static server: files of one folder, with the types that browsers insist on, ranges, and no cache.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main, say } from './log.mjs';
import { site } from './paths.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
};

/** What a host sends with every file so that pages may share memory between threads. */
export const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Serves `folder` to this machine only, on `port` or the next one that is free (0: any), with further
 * `headers` on every answer. Returns the address and the server.
 */
export async function serve(folder, port, headers = {}) {
  const server = createServer((request, response) => answer(folder, request, response, headers));
  for (let tried = port; ; ++tried) {
    if (await listen(server, tried)) {
      return {
        server,
        port: server.address().port,
        url: `http://localhost:${server.address().port}/`,
      };
    }
  }
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    const refuse = (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error));
    server.once('error', refuse);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', refuse);
      resolve(true);
    });
  });
}

function answer(folder, request, response, headers) {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(response, 405, 'Only GET and HEAD.');
  const found = find(folder, request.url);
  if (!found) return refuse(response, 404, `${request.url} is not here.`);
  const { path, size } = found;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const begin = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  if (range && begin > end) return refuse(response, 416, 'This range is not in the file.');
  response.writeHead(range ? 206 : 200, {
    'Content-Type': types[extname(path)] ?? 'application/octet-stream',
    'Content-Length': end - begin + 1,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-cache',
    ...headers,
    ...(range && { 'Content-Range': `bytes ${begin}-${end}/${size}` }),
  });
  if (request.method === 'HEAD' || size === 0) return response.end();
  createReadStream(path, { start: begin, end })
    .on('error', () => response.destroy())
    .pipe(response);
}

// The file that a URL names, never one outside of the folder.
function find(folder, url) {
  try {
    const name = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    let path = normalize(join(folder, name));
    if (!path.startsWith(folder + sep) && path !== folder) return undefined;
    let stat = statSync(path);
    if (stat.isDirectory()) {
      path = join(path, 'index.html');
      stat = statSync(path);
    }
    return { path, size: stat.size };
  } catch {
    return undefined;
  }
}

function refuse(response, status, text) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    const { url } = await serve(process.argv[2] ?? site, Number(process.env.PORT ?? 8080));
    say(url);
  });
}
