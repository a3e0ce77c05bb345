// SPDX-License-Identifier: MIT
// What the package exports, and how it is typed: the lines marked as errors must not compile, the
// others must, when `npm test` compiles this file.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import * as browser from '../../bindings/js/index.js';
import * as node from '../../bindings/js/index.node.js';
import type {
  Attention,
  PlainTensor,
  Lab,
  Regard,
  Tensor,
  TensorData,
  Translation,
  Translator,
  WorkerRegard,
} from '../../bindings/js/index.js';
import { build, failure } from './engine.js';

/** Never called: it is there to be compiled. */
async function typed(translator: Translator): Promise<unknown[]> {
  const { load } = browser;
  const small: Regard = await load();
  const regard: Lab = await load({ lab: true });
  const remote: WorkerRegard = await load({ worker: true });

  const near: Attention = regard.attention(1, 1, 1, { causal: 'top-left', weights: true });
  const far: Promise<Attention<PlainTensor>> = remote.attention(1, 1, 1);
  const weights: Tensor | undefined = near.weights;
  const sum: number = regard.scope(() => 1);

  const one: Translation = await translator.translate('a', { beams: 4 });
  const many: Translation[] = await translator.translate(['a']);
  const cross: TensorData | undefined = one.attention?.cross;

  // @ts-expect-error there is no such origin
  regard.attention(1, 1, 1, { causal: 'left' });
  // @ts-expect-error ids are no text
  void translator.translate([1, 2]);
  // @ts-expect-error there is no such option
  void translator.translate('a', { beam: 4 });
  // @ts-expect-error results are not to be written to
  one.text = 'b';
  // @ts-expect-error there is no such build
  void load({ build: 'threads' });
  // @ts-expect-error the small engine's tensors do not compute
  const add: unknown = small.tensor([1]).add;
  return [far, weights, sum, many, cross, add];
}

describe('the package', () => {
  const exported = [
    'DisposedError',
    'DownloadError',
    'FormatError',
    'OutOfMemoryError',
    'PoisonedError',
    'ShapeError',
    'ValueError',
    'load',
  ];

  test('exports the same in a browser and in Node, and nothing else', () => {
    expect(Object.keys(browser).sort()).toEqual(exported);
    expect(Object.keys(node).sort()).toEqual(exported);
    expect(typed).toHaveLength(1);
  });

  test('may be imported where there is no page: the browser entry asks for none', async () => {
    expect(await failure(() => browser.load({ build, baseUrl: 'http://127.0.0.1:1/' }))).toMatch(
      /^DownloadError: load: http:\/\/127\.0\.0\.1:1\/regard-/,
    );
  });

  test('has errors with names that survive minification, and causes', () => {
    const error = new browser.DownloadError('lost', { cause: 'cable' });
    expect([error.name, error.message, error.cause]).toEqual(['DownloadError', 'lost', 'cable']);
    expect(error).toBeInstanceOf(Error);
  });

  test('names a server that has no engine, or sends its front page', async () => {
    const server = createServer(({ url }, response) => {
      if (url!.startsWith('/none')) response.writeHead(404).end();
      else response.end('<!doctype html>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await failure(() => node.load({ build, baseUrl: `${base}/none` }))).toBe(
      `DownloadError: load: ${base}/none/regard-${build}.wasm answered 404; the option baseUrl says where the wasm files lie`,
    );
    expect(await failure(() => node.load({ build, baseUrl: base }))).toMatch(
      /^FormatError: load: .* is not the engine: something else was sent in its place \(/,
    );
    server.closeAllConnections();
    server.close();
  });

  test('loads from bytes, and names bytes that are no engine', async () => {
    expect(await failure(() => node.load({ build, wasmBinary: new ArrayBuffer(8) }))).toMatch(
      /^FormatError: load: wasmBinary is not the engine/,
    );
    expect(await failure(() => node.load({ build, baseUrl: '/nowhere' }))).toBe(
      `DownloadError: load: there is no file:///nowhere/regard-${build}.wasm`,
    );
    expect(await failure(() => node.load({ build: 'fast' as 'simd' }))).toBe(
      "ValueError: load: build is \"fast\", expected 'simd' or 'relaxed'",
    );
  });
});
