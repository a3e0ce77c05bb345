// SPDX-License-Identifier: MIT
// The sweep of tests/spec in Chromium, on each wasm file, from the modules as they are compiled.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { GradientReport } from '../spec/gradients.js';
import type { SweepReport } from '../spec/sweep.js';
import { launch, root } from './chromium.js';
import { serve } from './server.js';

interface Reports {
  small: SweepReport;
  lab: SweepReport;
  gradients: GradientReport;
}

/** Runs in the page. */
async function run(build: 'simd' | 'relaxed'): Promise<Reports> {
  const [engine, spec] = ['/bindings/js/index.js', '/tests/spec'];
  const { load } = (await import(engine)) as typeof import('../../bindings/js/index.js');
  const { sweep } = (await import(`${spec}/sweep.js`)) as typeof import('../spec/sweep.js');
  const { sweepGradients } = (await import(
    `${spec}/gradients.js`
  )) as typeof import('../spec/gradients.js');
  const [small, lab] = [await load({ build }), await load({ build, lab: true })];
  return { small: sweep(small), lab: sweep(lab), gradients: sweepGradients(lab) };
}

function write(name: string, report: object): void {
  const reports = join(root, 'build/reports');
  mkdirSync(reports, { recursive: true });
  const text = JSON.stringify({ ...report, name }, undefined, 2);
  writeFileSync(join(reports, `${name}.json`), text);
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
    const { small, lab, gradients } = await page.evaluate(run, build);
    await browser.close();
    await server.close();

    write(`sweep-chromium-${build}`, small);
    write(`sweep-chromium-lab-${build}`, lab);
    write(`sweep-chromium-lab-${build}-gradients`, gradients);
    for (const values of [small, lab]) {
      assert.deepEqual(values.failures, []);
      assert.equal(values.all.configurations, 2000);
      assert.ok(values.fewestMeetings >= 5, values.rarest);
      assert.ok(values.emptyRows * 10 >= values.rows);
      assert.ok(values.withHiddenNaNOrInfinity >= 1000);
    }
    assert.deepEqual(gradients.failures, []);
    assert.equal(gradients.all.configurations, 300);
  });
}
