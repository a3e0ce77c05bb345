// SPDX-License-Identifier: MIT
// Threads in pages: those that are isolated have them, others start nothing, and nobody sees an error.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { isolation, serve } from './server.js';
import { launch, open, ready, root, site, translate } from './chromium.js';

let browser: Browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

interface Seen {
  threads: number[];
  same: boolean;
}

/** Runs in the page: how many threads engines have there, and whether all give the same bits. */
async function run(processors: number): Promise<Seen> {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: processors });
  const engine = '/bindings/js/index.js';
  const { load } = (await import(engine)) as typeof import('../../bindings/js/index.js');
  const x = Array.from({ length: 200 * 64 }, (_, i) => Math.sin(i));
  const engines = [await load({ threads: 1 }), await load(), await load({ threads: 3, lab: true })];
  const outputs = engines.map((regard) => {
    const q = regard.tensor(x, [4, 50, 64]);
    const rounds = Array.from({ length: 20 }, () => regard.attention(q, q, q).output.data);
    return rounds.map(String).join(' ');
  });
  const there = await load({ worker: true, threads: 2 });
  const threads = [...engines.map((one) => one.threads), there.threads];
  const far = await there.attention(x, x, x).catch((error: unknown) => (error as Error).name);
  for (const one of [...engines, there]) one.dispose();
  const same = outputs.every((output) => output === outputs[0]) && far === 'ShapeError';
  return { threads, same };
}

const cases: [string, Record<string, string>, number, number[]][] = [
  ['is isolated has threads', isolation, 2, [1, 2, 3, 2]],
  ['has many processors takes four', isolation, 16, [1, 4, 3, 2]],
  ['is not isolated has one', {}, 8, [1, 1, 1, 1]],
];
for (const [what, headers, processors, expected] of cases) {
  test(`a page that ${what}`, async (t) => {
    const server = await serve(join(root, 'build/js'), '/', headers);
    t.after(() => server.close());
    const { page, errors, requests, close } = await open(browser, `${server.url}tests/empty.html`);
    const { threads, same } = await page.evaluate(run, processors);
    assert.deepEqual(threads, expected);
    assert.ok(same);
    if (threads[1] === 1) assert.ok(!requests.some((url) => /\/thread\.js$|-threads-/.test(url)));
    assert.deepEqual(errors, []);
    await close();
  });
}

test('a page whose policy forbids Workers has one', async (t) => {
  const policy = { ...isolation, 'Content-Security-Policy': "worker-src 'none'" };
  const server = await serve(join(root, 'build/js'), '/', policy);
  t.after(() => server.close());
  const { page, close } = await open(browser, `${server.url}tests/empty.html`);
  const threads = await page.evaluate(async () => {
    const engine = '/bindings/js/index.js';
    const { load } = (await import(engine)) as typeof import('../../bindings/js/index.js');
    const regard = await load({ threads: 2 });
    regard.attention([[1]], [[1]], [[1]]);
    return regard.threads;
  });
  assert.equal(threads, 1);
  await close();
});

test('the site works in isolation', async (t) => {
  const server = await serve(site, '/', isolation);
  t.after(() => server.close());
  const { page, errors, close } = await open(browser, server.url);
  await ready(page);
  assert.ok(await page.evaluate(() => crossOriginIsolated));
  assert.ok((await translate(page, 'Tom runs.')).length > 0);
  assert.deepEqual(errors, []);
  await close();
});
