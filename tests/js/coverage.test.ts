// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import type { CoverageOptions, Lab } from '../../bindings/js/index.node.js';
import { failure, startLab } from './engine.js';
import { readSafetensors } from './safetensors.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.dispose());

const file = '../../../../tests/golden/classical/coverage.safetensors';
const golden = readSafetensors(fileURLToPath(new URL(file, import.meta.url)));
const of = (name: string) => {
  const tensor = golden.get(name);
  if (!tensor) throw new Error(`no ${name} among ${[...golden.keys()].join(' ')}`);
  return tensor;
};

function options(): CoverageOptions {
  return {
    parameters: {
      query: of('query_weight'),
      key: of('key_weight'),
      coverage: of('coverage_weight'),
      vector: of('vector'),
      bias: of('bias'),
    },
    keyLengths: [6, 4], // as the file's own note has it
  };
}

test('agrees with PyTorch', () => {
  const [q, k, v] = [of('queries'), of('keys'), of('values')];
  const result = lab.coverageAttention(q, k, v, options());
  for (const [name, actual] of [
    ['output', result.output],
    ['weights', result.weights],
    ['coverage', result.coverage],
    ['coverage_loss', result.loss],
  ] as const) {
    const expected = of(name);
    expect(actual.shape).toEqual(expected.shape);
    // sums of some twenty products of numbers below 4, in another order
    const apart = actual.data.map((x, i) => Math.abs(x - expected.data[i]!));
    expect(Math.max(...apart)).toBeLessThan(1e-5);
  }
});

test('goes backward to what it learns', () => {
  const { parameters } = options();
  const coverage = lab.parameter(parameters.coverage);
  const { loss } = lab.coverageAttention(of('queries'), of('keys'), of('values'), {
    ...options(),
    parameters: { ...parameters, coverage },
  });
  loss.sum().backward();
  expect(coverage.grad!.abs().sum().item()).toBeGreaterThan(0);
});

test.each<[string, (given: CoverageOptions) => unknown]>([
  ['ValueError: coverageAttention: options is no object', () => 4],
  ['ValueError: coverageAttention: parameters is no object', () => ({ parameters: true })],
  [
    "ValueError: coverageAttention: unknown option 'parameters.wc'",
    ({ parameters }) => ({ parameters: { ...parameters, wc: 1 } }),
  ],
  ["ValueError: coverageAttention: unknown option 'keys'", (given) => ({ ...given, keys: 1 })],
])('%s', async (sentence, change) => {
  const [q, k, v] = [of('queries'), of('keys'), of('values')];
  const wrong = change(options()) as CoverageOptions;
  expect(await failure(() => lab.coverageAttention(q, k, v, wrong))).toBe(sentence);
});
