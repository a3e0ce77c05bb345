// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lab, Regard } from '../../bindings/js/index.node.js';
import type { Deviation, GoldenCase } from './conventions.js';
import { compare, compareForward, conventions, readGolden } from './conventions.js';
import { start, startLab } from './engine.js';

let lab: Lab;
let regard: Regard;
beforeAll(async () => {
  lab = await startLab();
  regard = await start();
});
afterAll(() => {
  lab.dispose();
  regard.dispose();
});

describe.each(conventions)('%s', (convention) => {
  const golden = readGolden(convention);
  const features = [...new Set(golden.cases.map(({ feature }) => feature))];

  // What is off by more than it may be.
  const wrong = (cases: readonly GoldenCase[], compared: (one: GoldenCase) => Deviation[]) =>
    cases.flatMap((one) =>
      compared(one)
        .filter(({ relative, allowed }) => !(relative <= allowed))
        .map((deviation) => ({ case: one.name, ...deviation })),
    );

  test.each(features)('%s', (feature) => {
    const cases = golden.cases.filter((one) => one.feature === feature);
    expect(wrong(cases, (one) => compare(lab, golden, one))).toEqual([]);
  });

  test('without gradients and layers', () => {
    expect(wrong(golden.cases, (one) => compareForward(regard, golden, one))).toEqual([]);
  });

  test('leaves no tensor behind', () => {
    const before = lab.memory().tensors;
    compare(lab, golden, golden.cases[0]!);
    expect(lab.memory().tensors).toBe(before);
  });
});
