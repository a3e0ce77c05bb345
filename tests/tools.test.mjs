// SPDX-License-Identifier: MIT
// What the scripts promise: two runs do not meet, a step is skipped only when nothing changed, and the
// server gives files of its folder and no others.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { functionsOf, order } from '../tools/arrange.mjs';
import { locked } from '../tools/cache.mjs';
import { whenChanged } from '../tools/fresh.mjs';
import { build, root } from '../tools/paths.mjs';
import { run } from '../tools/run.mjs';
import { serve } from '../tools/serve.mjs';

const folder = mkdtempSync(join(tmpdir(), 'regard-'));
after(() => rmSync(folder, { recursive: true }));

test('a lock keeps two runs apart, and one whose owner is gone is taken over', async () => {
  let inside = 0;
  const alone = async () => {
    assert.equal(++inside, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    --inside;
  };
  const place = join(folder, 'locks');
  await Promise.all([locked(place, alone), locked(place, alone)]);

  // a process that has ended owns nothing
  const { stdout } = await run(process.execPath, ['-p', 'process.pid']);
  writeFileSync(join(place, 'lock'), stdout.trim());
  await locked(place, alone);
});

test('a step runs once for the same inputs, again for others, and again after a failure', async () => {
  const name = `test-${process.pid}`;
  const input = join(folder, 'input');
  const inputs = [relative(root, input)];
  writeFileSync(input, 'one');
  after(() => rmSync(join(build, 'done', name), { force: true }));

  const works = async () => undefined;
  assert.equal(await whenChanged(name, inputs, [input], works), true);
  assert.equal(await whenChanged(name, inputs, [input], works), false);
  assert.equal(await whenChanged(name, inputs, [join(folder, 'not there')], works), true);

  utimesSync(input, 1, 1);
  const fails = () => Promise.reject(new Error('planted'));
  await assert.rejects(whenChanged(name, inputs, [input], fails), /planted/);
  assert.equal(await whenChanged(name, inputs, [input], works), true);
  assert.equal(await whenChanged(name, inputs, [input], works), false);
});

test('functions that look alike come next to each other, each of them once', () => {
  const bodies = ['a long first function', 'something else: 0123', 'a long first functiom'];
  assert.deepEqual(order(bodies.map((text) => Buffer.from(text))), [0, 2, 1]);
  assert.deepEqual(order([]), []);
  const many = Array.from({ length: 300 }, (_, i) => Buffer.from(`body ${i} of ${i % 7}`));
  assert.equal(new Set(order(many)).size, 300);
});

test('the functions of a module are its own, in their order', () => {
  // imports a.b, a function; has two of its own, of two bytes each
  const header = [0, 97, 115, 109, 1, 0, 0, 0];
  const sections = [1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0, 3, 3, 2, 0, 0];
  const code = [10, 8, 2, 2, 0, 11, 3, 0, 1, 11];
  const module = Buffer.from([...header, ...sections, ...code]);
  assert.ok(WebAssembly.validate(module));
  const { imports, bodies } = functionsOf(module);
  assert.equal(imports, 1);
  assert.deepEqual(
    bodies.map((body) => [...body]),
    [
      [0, 11],
      [0, 1, 11],
    ],
  );
});

test('the server answers with types and ranges, and keeps to its folder', async () => {
  const site = join(folder, 'site');
  mkdirSync(site);
  writeFileSync(join(site, 'index.html'), '<p>hello');
  writeFileSync(join(site, 'core.wasm'), '0123456789');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  const first = await serve(site, 0);
  const second = await serve(site, first.port);
  after(() => [first, second].forEach(({ server }) => server.close()));
  assert.ok(second.port > first.port);

  const page = await get(first.port, '/');
  assert.equal(page.body, '<p>hello');
  assert.match(page.headers['content-type'], /^text\/html/);
  const wasm = await get(first.port, '/core.wasm', { Range: 'bytes=3-5' });
  assert.deepEqual([wasm.status, wasm.body], [206, '345']);
  assert.equal(wasm.headers['content-type'], 'application/wasm');
  assert.equal(wasm.headers['content-range'], 'bytes 3-5/10');
  assert.equal((await get(first.port, '/core.wasm', { Range: 'bytes=20-' })).status, 416);
  for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/none', '/%']) {
    assert.equal((await get(first.port, path)).status, 404, path);
  }
});

// fetch() would tidy the path before it is sent
function get(port, path, headers = {}) {
  return new Promise((resolve, reject) => {
    request({ port, path, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body }),
      );
    })
      .on('error', reject)
      .end();
  });
}
