// SPDX-License-Identifier: MIT
// The sweep of tests/spec in Chromium, on each wasm file, from the modules as they are compiled.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SweepReport } from '../spec/sweep.js';
import { launch, root } from './chromium.js';
import { serve } from './server.js';

/** Runs in the page. */
async function run(build: 'simd' | 'relaxed'): Promise<SweepReport> {
  const [engine, spec] = ['/bindings/js/index.js', '/tests/spec/sweep.js'];
  const { load } = (await import(engine)) as typeof import('../../bindings/js/index.js');
  const { sweep } = (await import(spec)) as typeof import('../spec/sweep.js');
  const regard = await load({ build });
  return sweep(regard);
}

for (const build of ['simd', 'relaxed'] as const) {
  test(`2,000 attentions of all options agree with the reference on ${build}`, async () => {
    const server = await serve(join(root, 'build/js'));
    const browser = await launch();
    const page = await browser.newPage();
    await page.route('**/empty.html', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
    );
    await page.goto(`${server.url}empty.html`);
    const report = await page.evaluate(run, build);
    await browser.close();
    await server.close();

    const name = `sweep-chromium-${build}`;
    const reports = join(root, 'build/reports');
    mkdirSync(reports, { recursive: true });
    writeFileSync(join(reports, `${name}.json`), JSON.stringify({ ...report, name }, undefined, 2));
    assert.deepEqual(report.failures, []);
    assert.equal(report.all.configurations, 2000);
    assert.ok(report.fewestMeetings >= 5, report.rarest);
    assert.ok(report.emptyRows * 10 >= report.rows);
    assert.ok(report.withHiddenNaNOrInfinity >= 1000);
  });
}
