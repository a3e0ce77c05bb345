// SPDX-License-Identifier: MIT
// What the small engine and the laboratory have in common, and what only one of them has.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AttentionOptions, Lab, Regard, Tensor } from '../../bindings/js/index.node.js';
import { failure, start, startLab } from './engine.js';

let small: Regard;
let lab: Lab;
beforeAll(async () => {
  [small, lab] = await Promise.all([start(), startLab()]);
});
afterAll(() => {
  small.dispose();
  lab.dispose();
});

const q = [
  [1, 2, 3],
  [-1, 0.5, 2],
];
const k = [
  [0, 1, 1],
  [2, -1, 0],
  [1, 1, 1],
];

test.each<[string, AttentionOptions]>([
  ['plain', {}],
  [
    'masked, with all steps',
    {
      mask: [
        [1, 0, 1],
        [0, 0, 0],
      ],
      return: ['raw', 'masked', 'weights'],
    },
  ],
  ['additive', { score: 'additive', scoreParameters: { vector: [1, 2, -1] } }],
  ['of a convention', { convention: 'd2l', keyLengths: [[1, 0]], weights: true }],
])('both give the same bits: %s', (_, options) => {
  const [of, near] = [lab, small].map((regard) => {
    const three = [q, k, k].map((x) => [x]);
    return regard.attention(three[0]!, three[1]!, three[2]!, options);
  });
  expect([...near!.output.data]).toEqual([...of!.output.data]);
  expect(Object.keys(near!)).toEqual(Object.keys(of!));
});

test('the small engine says where the rest is', async () => {
  const x = small.tensor([1, 2]) as Tensor;
  const sentence = 'this engine has it only with load({ lab: true })';
  expect(await failure(() => x.add(1))).toBe(`ValueError: add: ${sentence}`);
  expect(await failure(() => (small as Lab).parameter([1]))).toBe(
    `ValueError: parameter: ${sentence}`,
  );
  expect(
    await failure(() => (small as Lab).layer('Linear', { inFeatures: 1, outFeatures: 1 })),
  ).toBe(`ValueError: layer: ${sentence}`);
  x.dispose();
});

test('the laboratory goes backward through attention', () => {
  const queries = lab.parameter(q);
  lab.attention(queries, k, k).output.sum().backward();
  expect(queries.grad!.shape).toEqual([2, 3]);
  expect(queries.grad!.abs().sum().item()).toBeGreaterThan(0);
});
