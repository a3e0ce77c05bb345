// SPDX-License-Identifier: MIT
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { sweep } from '../spec/sweep.js';
import { build, start } from './engine.js';

// Jest runs in the project's folder.
const reports = 'build/reports';

test('2,000 attentions of all options agree with the reference', async () => {
  const regard = await start();
  const report = sweep(regard);
  regard.dispose();
  mkdirSync(reports, { recursive: true });
  const text = JSON.stringify({ ...report, name: `sweep-node-${build}` }, undefined, 2);
  writeFileSync(`${reports}/sweep-node-${build}.json`, text);

  expect(report.failures).toEqual([]);
  expect(report.all.configurations).toBe(2000);
  // the rarest pair is named where this fails
  expect([report.fewestMeetings >= 5, report.rarest]).toEqual([true, report.rarest]);
  expect(report.emptyRows).toBeGreaterThanOrEqual(report.rows / 10);
  expect(report.withHiddenNaNOrInfinity).toBeGreaterThanOrEqual(1000);
}, 120_000);
