// SPDX-License-Identifier: MIT
// Numbers that sum attention up; scipy's and numpy's are compared in tests/attention/measures_test.cpp.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Regard, TensorData } from '../../bindings/js/index.node.js';
import { failure, start } from './engine.js';

let regard: Regard;
beforeAll(async () => {
  regard = await start();
});
afterAll(() => regard.dispose());

describe('measures', () => {
  const close = ({ data }: TensorData, expected: number[]) => {
    expect(data).toHaveLength(expected.length);
    // one rounding of numbers up to 1
    expected.forEach((value, i) => expect(Math.abs(data[i]! - value)).toBeLessThan(2 ** -24));
  };

  test('entropy, rollout and rank correlation of small examples', () => {
    const { measures } = regard;
    close(
      measures.entropy([
        [1, 0],
        [0.5, 0.5],
      ]),
      [0, Math.log(2)],
    );
    expect(measures.entropy([[0, 0]]).data[0]).toBeNaN();
    close(
      measures.meanEntropy([
        [
          [1, 0],
          [0.5, 0.5],
          [0, 0],
        ],
      ]),
      [Math.log(2) / 2],
    );
    close(
      measures.received([
        [1, 0],
        [0.5, 0.5],
      ]),
      [0.75, 0.25],
    );
    const weights = [
      [
        [
          [1, 0],
          [0.5, 0.5],
        ],
      ],
      [
        [
          [1, 0],
          [0.5, 0.5],
        ],
      ],
    ];
    const rollout = measures.rollout(weights);
    expect(rollout.shape).toEqual([2, 2, 2]);
    // (0.25 0.75) twice: 0.25 + 0.75 · 0.25
    close(rollout, [1, 0, 0.25, 0.75, 1, 0, 0.4375, 0.5625]);
    expect(measures.kendallTau([1, 2, 3], [1, 3, 2])).toBeCloseTo(1 / 3, 6);
    expect(measures.kendallTau([1, 1, 1], [1, 3, 2])).toBeNaN();
  });

  test('refuse what does not fit', async () => {
    expect(await failure(() => regard.measures.rollout([[1]]))).toBe(
      'ShapeError: rollout: weights are (1, 1), expected (layers, H, L, L)',
    );
    expect(await failure(() => regard.measures.kendallTau([1, 2], [1]))).toBe(
      'ShapeError: kendall_tau: 2 and 1 values, expected as many',
    );
  });
});
