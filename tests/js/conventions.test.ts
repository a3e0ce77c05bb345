// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lab } from '../../bindings/js/index.node.js';
import { compare, conventions, readGolden } from './conventions.js';
import { startLab } from './engine.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

describe.each(conventions)('%s', (convention) => {
  const golden = readGolden(convention);
  const features = [...new Set(golden.cases.map(({ feature }) => feature))];

  test.each(features)('%s', (feature) => {
    const wrong = golden.cases
      .filter((one) => one.feature === feature)
      .flatMap((one) =>
        compare(regard, golden, one)
          .filter(({ relative, allowed }) => !(relative <= allowed))
          .map((deviation) => ({ case: one.name, ...deviation })),
      );
    expect(wrong).toEqual([]);
  });

  test('leaves no tensor behind', () => {
    const before = regard.memory().tensors;
    compare(regard, golden, golden.cases[0]!);
    expect(regard.memory().tensors).toBe(before);
  });
});
