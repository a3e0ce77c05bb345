// SPDX-License-Identifier: MIT
// Downloads from a server that cuts, lies and forgets.
import { createHash } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FileProgress } from '../../bindings/js/download.js';
import { download } from '../../bindings/js/download.js';
import { readModel } from '../../bindings/js/model-files.js';
import { node } from '../../bindings/js/platform.node.js';
import type { DownloadProgress } from '../../bindings/js/index.node.js';
import { failure } from './engine.js';

const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));
const sha256 = createHash('sha256').update(body).digest('hex');

let server: Server;
let base: string;
let requests: { path: string; range: string | undefined }[];
/** After how many bytes the next answer is cut off. */
let cutAfter: number | undefined;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url!;
  const { range } = request.headers;
  requests.push({ path, range });
  if (!path.startsWith('/file')) {
    response.writeHead(404).end();
    return;
  }
  const tagged = path.startsWith('/file-tagged');
  const begin = range ? Number(/\d+/.exec(range)![0]) : 0;
  response.writeHead(range ? 206 : 200, {
    'content-length': body.length - begin,
    ...(tagged && { etag: '"one"' }),
    ...(range && { 'content-range': `bytes ${begin}-${body.length - 1}/${body.length}` }),
  });
  if (cutAfter === undefined) {
    response.end(body.subarray(begin));
  } else {
    response.write(body.subarray(begin, begin + cutAfter), () => response.destroy());
    cutAfter = undefined;
  }
}

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = [];
  cutAfter = undefined;
});

const request = (path: string, more: object = {}) => ({
  url: new URL(path, base),
  file: 'model.safetensors',
  ...more,
});

describe('download', () => {
  test('gives the bytes and counts them', async () => {
    const seen: FileProgress[] = [];
    const bytes = await download(request('/file'), {
      onProgress: (progress) => seen.push(progress),
    });
    expect(Buffer.compare(Buffer.from(bytes!), body)).toBe(0);
    expect(seen.at(-1)).toEqual({ loaded: body.length, total: body.length, fromCache: false });
    for (let i = 1; i < seen.length; ++i)
      expect(seen[i]!.loaded).toBeGreaterThan(seen[i - 1]!.loaded);
  });

  test('that is cut off says so, and resumes where it was', async () => {
    cutAfter = 100_000;
    const said = await failure(() => download(request('/file-tagged')));
    expect(said).toMatch(
      /^DownloadError: model\.safetensors: the connection was lost after \d+ of 300000 bytes; the next attempt resumes there$/,
    );
    const lost = Number(/after (\d+)/.exec(said)![1]);
    const bytes = await download(request('/file-tagged'));
    expect(requests.map((one) => one.range)).toEqual([undefined, `bytes=${lost}-`]);
    expect(Buffer.compare(Buffer.from(bytes!), body)).toBe(0);
  });

  test('begins anew where nothing tells that the file is still the same', async () => {
    cutAfter = 100_000;
    expect(await failure(() => download(request('/file?plain')))).toMatch(
      /after \d+ of 300000 bytes; the next attempt begins anew$/,
    );
    const bytes = await download(request('/file?plain'));
    expect(requests.map((one) => one.range)).toEqual([undefined, undefined]);
    expect(bytes).toHaveLength(body.length);
  });

  test('keeps a file whose sum is known, and asks no more', async () => {
    const seen: FileProgress[] = [];
    const kept = request('/file?kept', { sha256 });
    await download(kept);
    const again = await download(kept, { onProgress: (progress) => seen.push(progress) });
    expect(requests).toHaveLength(1);
    expect(seen).toEqual([{ loaded: body.length, total: body.length, fromCache: true }]);
    expect(again).toHaveLength(body.length);
  });

  test('refuses a file of another sum', async () => {
    const other = `${sha256.slice(0, -1)}${sha256.endsWith('0') ? '1' : '0'}`;
    expect(await failure(() => download(request('/file?other', { sha256: other })))).toBe(
      `DownloadError: model.safetensors: what arrived is not what the manifest names (SHA-256 ${sha256}, expected ${other})`,
    );
  });

  test('stops when aborted, and resumes', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const options = { signal: controller.signal, onProgress };
    expect(await failure(() => download(request('/file-tagged?abort'), options))).toMatch(
      /^AbortError/,
    );
    const bytes = await download(request('/file-tagged?abort'));
    expect(requests[1]!.range).toMatch(/^bytes=\d+-$/);
    expect(Buffer.compare(Buffer.from(bytes!), body)).toBe(0);
  });

  test('names a file that is not there, unless it need not be', async () => {
    expect(await failure(() => download(request('/none')))).toBe(
      `DownloadError: model.safetensors: ${base}/none answered 404`,
    );
    expect(await download(request('/none', { optional: true }))).toBeUndefined();
  });

  test('names a server that is not there', async () => {
    const gone = { url: new URL('http://127.0.0.1:1/file'), file: 'vocab.json' };
    expect(await failure(() => download(gone))).toMatch(
      /^DownloadError: vocab\.json: http:\/\/127\.0\.0\.1:1\/file could not be fetched/,
    );
  });
});

/** A Cache API of one cache, as a browser has it. */
function browserCache(): { keys: () => string[]; restore: () => void } {
  const kept = new Map<string, Response>();
  const key = (request: string | URL) => String(request);
  const cache = {
    match: (request: string | URL) => Promise.resolve(kept.get(key(request))?.clone()),
    put: (request: string | URL, response: Response) =>
      Promise.resolve(void kept.set(key(request), response)),
  };
  const host = globalThis as { caches?: unknown };
  host.caches = { open: () => Promise.resolve(cache) };
  return { keys: () => [...kept.keys()], restore: () => delete host.caches };
}

describe('readModel', () => {
  const files = ['config.json', 'vocab.json', 'source.spm', 'target.spm', 'model.safetensors'];
  let folder: Server;
  let address: string;
  const whole = {
    files: Object.fromEntries(
      files.map((name) => [
        name,
        { bytes: name.length, sha256: createHash('sha256').update(name).digest('hex') },
      ]),
    ),
  };
  let manifest: object | undefined;
  let reachable = true;
  beforeAll(async () => {
    folder = createServer(({ url }, response) => {
      const name = url!.split('/').at(-1)!;
      if (!reachable) response.destroy();
      else if (name === 'manifest.json' && manifest) response.end(JSON.stringify(manifest));
      else if (files.includes(name)) response.end(name);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => folder.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(folder.address() as AddressInfo).port}/models/`;
  });
  afterAll(() => {
    folder.closeAllConnections();
    folder.close();
  });

  test('fetches a folder by name, without what it has not', async () => {
    manifest = undefined;
    const { name, files: found } = await readModel(node, address, 'en-zh');
    expect(name).toBe('en-zh');
    expect([...found.keys()].sort()).toEqual([...files].sort());
    expect(new TextDecoder().decode(found.get('source.spm'))).toBe('source.spm');
  });

  test('knows the whole from the manifest, and counts all files as one', async () => {
    manifest = whole;
    const total = files.join('').length;
    const seen: DownloadProgress[] = [];
    const onProgress = (progress: DownloadProgress) => seen.push(progress);
    await readModel(node, undefined, `${address}one`, { onProgress });
    expect(seen.every((progress) => progress.total === total)).toBe(true);
    expect(seen.at(-1)!.loaded).toBe(total);
    for (let i = 1; i < seen.length; ++i) {
      expect(seen[i]!.loaded).toBeGreaterThanOrEqual(seen[i - 1]!.loaded);
    }
  });

  test('fetches of the two files of weights the one that is asked for', async () => {
    const int8 = 'model.int8.safetensors';
    const names = async (precision?: 'f32' | 'int8'): Promise<string[]> => {
      const { files: found } = await readModel(node, address, 'en-zh', precision && { precision });
      return [...found.keys()].filter((name) => name.endsWith('.safetensors'));
    };
    for (const listed of [undefined, whole]) {
      manifest = listed;
      expect(await names()).toEqual(['model.safetensors']);
      expect(await names('int8')).toEqual(['model.safetensors']);
    }
    files.push(int8);
    const entry = { bytes: int8.length, sha256: createHash('sha256').update(int8).digest('hex') };
    try {
      for (const listed of [undefined, { files: { ...whole.files, [int8]: entry } }]) {
        manifest = listed;
        expect(await names()).toEqual(['model.safetensors']);
        expect(await names('f32')).toEqual(['model.safetensors']);
        expect(await names('int8')).toEqual([int8]);
      }
    } finally {
      files.pop();
    }
  });

  test('keeps in a browser what a manifest names, and needs no network for it', async () => {
    manifest = whole;
    const { keys, restore } = browserCache();
    const seen: DownloadProgress[] = [];
    const onProgress = (progress: DownloadProgress) => seen.push(progress);
    try {
      const first = await readModel(node, undefined, `${address}kept`);
      expect(keys().filter((key) => key.includes('?sha256='))).toHaveLength(files.length);
      reachable = false;
      const second = await readModel(node, undefined, `${address}kept`, { onProgress });
      expect(second).toEqual(first);
      expect(seen.every((progress) => progress.fromCache)).toBe(true);
    } finally {
      reachable = true;
      restore();
    }
  });

  test('takes files by name, from paths, and as bytes, buffers and blobs', async () => {
    const { files: found } = await readModel(node, undefined, {
      'folder/config.json': new Uint8Array([1]),
      'vocab.json': new Uint8Array([2]).buffer,
      'source.spm': new Blob(['3']),
      'picture.png': new Uint8Array([4]),
    });
    expect([...found].map(([name, bytes]) => [name, ...bytes])).toEqual([
      ['config.json', 1],
      ['vocab.json', 2],
      ['source.spm', 51],
    ]);
  });
});
