// SPDX-License-Identifier: MIT
// Tutorial 3, self-attention beside convolutions and recurrence: what it says, by numbers.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lab, Tensor } from '../../../bindings/js/index.node.js';
import { startLab } from '../engine.js';
import { distance } from './golden.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

const [n, d] = [5, 4];

/** Which inputs the first output depends on: the places that a gradient reaches. */
function reach(network: (x: Tensor) => Tensor): number[] {
  const x = regard.parameter(regard.randn([n, d], { seed: 1 }));
  network(x).at(0).sum().backward();
  const slopes = x.grad!.abs().sum(1);
  return [...slopes.data].flatMap((slope, place) => (slope > 0 ? [place + 1] : []));
}

/** A convolution of width 3 with zeros at both ends, as a sum of three shifted products. */
function convolution(x: Tensor, seed: number): Tensor {
  const padded = regard.concatenate([regard.zeros([1, d]), x, regard.zeros([1, d])]);
  const weights = regard.randn([3, d, d], { seed });
  return [0, 1, 2]
    .map((shift) => padded.slice(0, shift, shift + n).matmul(weights.at(shift)))
    .reduce((sum, part) => sum.add(part));
}

describe('tutorial 3', () => {
  test('27: two convolutions of width 3 reach two places to each side, x1 from x5 through the middle', () => {
    const two = (x: Tensor) => convolution(convolution(x, 2).tanh(), 3);
    expect(reach(two)).toEqual([1, 2, 3]);
    // the third output is what lies within reach of both x1 and x5
    const middle = regard.parameter(regard.randn([n, d], { seed: 1 }));
    two(middle).at(2).sum().backward();
    expect([...middle.grad!.abs().sum(1).data].every((slope) => slope > 0)).toBe(true);
  });

  test('27: self-attention reaches every place in one step', () => {
    expect(reach((x) => regard.attention(x, x, x).output)).toEqual([1, 2, 3, 4, 5]);
  });

  test('27: without positions a permuted sentence gives the permuted output', () => {
    const x = regard.randn([n, d], { seed: 4 });
    const order = [2, 0, 4, 1, 3];
    const y = regard.attention(x, x, x).output;
    const permuted = x.indexSelect(0, order);
    const z = regard.attention(permuted, permuted, permuted).output;
    // five terms in another order
    expect(distance(z, y.indexSelect(0, order))).toBeLessThan(1e-6);

    const place = (sentence: Tensor) =>
      regard.layer('SinusoidalPositions').forward({ x: sentence })['output'];
    const self = (input: Tensor) => regard.attention(input, input, input).output;
    expect(distance(self(place(permuted)), self(place(x)).indexSelect(0, order))).toBeGreaterThan(
      0.01,
    );
  });

  test('27: valid lengths hide padding; d2l’s zero length is a mean of everything', () => {
    const x = regard.randn([2, n, d], { seed: 5 });
    const valid = { keyLengths: [3, 0], weights: true };
    const safe = regard.attention(x, x, x, valid).weights!;
    const d2l = regard.attention(x, x, x, { ...valid, convention: 'd2l' }).weights!;
    expect([...safe.at(0, 0).data].slice(3)).toEqual([0, 0]);
    expect(distance(d2l.at(0), safe.at(0))).toBeLessThan(1e-7);
    expect([...safe.at(1, 0).data]).toEqual([0, 0, 0, 0, 0]);
    for (const weight of d2l.at(1, 0).data) expect(weight).toBeCloseTo(1 / n, 6);
  });
});
