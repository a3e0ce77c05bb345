// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AttentionOptions, Regard } from '../../bindings/js/index.node.js';
import { failure, start } from './engine.js';
import type { Nested4 } from './reference.js';
import { attention as reference, greatestDifference, random } from './reference.js';

let regard: Regard;
beforeAll(async () => {
  regard = await start();
});
afterAll(() => regard.dispose());

// Sums of at most 40 products of numbers below 1, each rounded to 2^-24 of its size.
const tolerance = 40 * 2 ** -24;

function compare(q: Nested4, k: Nested4, v: Nested4, options: AttentionOptions = {}): void {
  const expected = reference(q, k, v, options);
  const { output, weights } = regard.attention(q, k, v, { ...options, weights: true });
  expect(greatestDifference(output.toArray(), expected.output)).toBeLessThan(tolerance);
  expect(greatestDifference(weights!.toArray(), expected.weights)).toBeLessThan(tolerance);
  output.dispose();
  weights!.dispose();
}

describe('attention', () => {
  test.each([
    [1, 1, 1, 1, 1, 1],
    [1, 1, 2, 3, 4, 5],
    [2, 3, 5, 7, 8, 6],
    [1, 2, 9, 17, 33, 40],
  ])('agrees with the reference for B %i, H %i, L %i, S %i, D %i, Dv %i', (B, H, L, S, D, Dv) => {
    const [q, k, v] = [random(1, B, H, L, D), random(2, B, H, S, D), random(3, B, H, S, Dv)];
    compare(q, k, v);
    compare(q, k, v, { causal: 'top-left' });
    compare(q, k, v, { causal: 'bottom-right' });
    compare(q, k, v, { scale: 2.5 });
    compare(q, k, v, { keyLengths: Array.from({ length: B }, (_, b) => Math.max(0, S - 1 - b)) });
  });

  test('gives zeros to a query that sees no key', () => {
    const [q, k, v] = [random(1, 1, 1, 3, 2), random(2, 1, 1, 2, 2), random(3, 1, 1, 2, 2)];
    // L > S: the first query of 'bottom-right' comes before every key.
    const { output, weights } = regard.attention(q, k, v, {
      causal: 'bottom-right',
      weights: true,
    });
    expect((weights!.toArray() as Nested4)[0]![0]![0]).toEqual([0, 0]);
    expect((output.toArray() as Nested4)[0]![0]![0]).toEqual([0, 0]);
  });

  test('takes Tensors, values with a shape, and nested arrays alike', () => {
    const nested = random(4, 1, 2, 3, 4);
    const data = Float32Array.from(nested.flat(3));
    const tensor = regard.tensor(data, [1, 2, 3, 4]);
    const outputs = [nested, { shape: [1, 2, 3, 4], data }, tensor].map((x) =>
      regard.attention(x, x, x).output.toArray(),
    );
    expect(outputs[1]).toEqual(outputs[0]);
    expect(outputs[2]).toEqual(outputs[0]);
    expect(tensor.toArray()).toEqual(nested);
  });

  test('returns weights only when asked', () => {
    const x = random(5, 1, 1, 2, 2);
    expect(regard.attention(x, x, x)).not.toHaveProperty('weights');
  });

  const q = random(6, 2, 3, 4, 5);
  test('leaves no tensor behind that was handed over as numbers', () => {
    const before = regard.memory().tensors;
    regard.scope(() => {
      regard.attention(q, q, q, { bias: random(8, 2, 3, 4, 4), weights: true });
    });
    expect(regard.memory().tensors).toBe(before);
  });

  test('10,000 failing calls leave the memory as it was and the engine at work', async () => {
    const wrong = random(7, 2, 3, 4, 6);
    await failure(() => regard.attention(q, wrong, q));
    const before = regard.memory();
    for (let i = 0; i < 10_000; ++i) {
      try {
        regard.attention(q, wrong, q);
      } catch {
        continue;
      }
      throw new Error('the call did not fail');
    }
    const { used, ...others } = regard.memory();
    const { used: usedBefore, ...othersBefore } = before;
    expect(others).toEqual(othersBefore);
    // a block may keep some bytes that are too few to be one; a byte a call would be 10,000
    expect(Math.abs(used - usedBefore)).toBeLessThan(1000);
    compare(q, q, q);
  });
});
