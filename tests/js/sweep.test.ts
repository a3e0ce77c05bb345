// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import type { GradientReport } from '../spec/gradients.js';
import type { SweepReport } from '../spec/sweep.js';
import { build } from './engine.js';

interface Reports {
  readonly small: SweepReport;
  readonly lab: SweepReport;
  readonly gradients: GradientReport;
}

let reports: Reports;
beforeAll(() => {
  const program = fileURLToPath(new URL('run-sweep.js', import.meta.url));
  // with the flags of this process, which may be what relaxed SIMD needs
  const args = [...process.execArgv, program];
  const text = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  reports = JSON.parse(text) as Reports;
  write(`sweep-node-${build}`, reports.small);
  write(`sweep-node-lab-${build}`, reports.lab);
  write(`sweep-node-lab-${build}-gradients`, reports.gradients);
}, 300_000);

/** Jest runs in the project's folder. */
function write(name: string, report: object): void {
  const folder = 'build/reports';
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${name}.json`, JSON.stringify({ ...report, name }, undefined, 2));
}

test.each(['small', 'lab'] as const)(
  '2,000 attentions of all options agree with the reference on the %s engine',
  (engine) => {
    const report = reports[engine];
    expect(report.failures).toEqual([]);
    expect(report.all.configurations).toBe(2000);
    // the rarest pair is named where this fails
    expect([report.fewestMeetings >= 5, report.rarest]).toEqual([true, report.rarest]);
    expect(report.emptyRows).toBeGreaterThanOrEqual(report.rows / 10);
    expect(report.withHiddenNaNOrInfinity).toBeGreaterThanOrEqual(1000);
  },
);

test('the gradients of 300 agree with differences of the reference', () => {
  expect(reports.gradients.failures).toEqual([]);
  expect(reports.gradients.all.configurations).toBe(300);
});
