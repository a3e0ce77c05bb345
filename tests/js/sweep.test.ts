// SPDX-License-Identifier: MIT
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Lab, Regard } from '../../bindings/js/index.node.js';
import { sweepGradients } from '../spec/gradients.js';
import { sweep } from '../spec/sweep.js';
import { build, start, startLab } from './engine.js';

let small: Regard;
let lab: Lab;
beforeAll(async () => {
  [small, lab] = await Promise.all([start(), startLab()]);
});
afterAll(() => {
  small.dispose();
  lab.dispose();
});

/** Jest runs in the project's folder. */
function write(name: string, report: object): void {
  const reports = 'build/reports';
  mkdirSync(reports, { recursive: true });
  writeFileSync(`${reports}/${name}.json`, JSON.stringify({ ...report, name }, undefined, 2));
}

test.each(['', 'lab-'] as const)(
  '2,000 attentions agree with the reference on regard-%sbuild',
  (file) => {
    const report = sweep(file ? lab : small);
    write(`sweep-node-${file}${build}`, report);
    expect(report.failures).toEqual([]);
    expect(report.all.configurations).toBe(2000);
    // the rarest pair is named where this fails
    expect([report.fewestMeetings >= 5, report.rarest]).toEqual([true, report.rarest]);
    expect(report.emptyRows).toBeGreaterThanOrEqual(report.rows / 10);
    expect(report.withHiddenNaNOrInfinity).toBeGreaterThanOrEqual(1000);
  },
  120_000,
);

test('the gradients of 300 agree with differences of the reference', () => {
  const report = sweepGradients(lab);
  write(`sweep-node-${build}-gradients`, report);
  expect(report.failures).toEqual([]);
  expect(report.all.configurations).toBe(300);
}, 120_000);
