// SPDX-License-Identifier: MIT
// What tensors compute, on numbers small enough to be checked by eye.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lab, Tensor } from '../../bindings/js/index.node.js';
import { failure, startLab } from './engine.js';
import { greatestDifference } from './reference.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

/** Six numbers as (2, 3), and a row. */
const x = () =>
  regard.tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
const row = [10, 20, 30];

/** Results of one rounding each: half a unit in the last place, of numbers below 1,000. */
const exact = 0;
/** Functions that a polynomial approximates: a few units in the last place. */
const close = 2e-6;

type Case = [name: string, compute: () => Tensor, expected: unknown, tolerance: number];

// prettier-ignore
const cases: Case[] = [
  ['add', () => x().add(row), [[11, 22, 33], [14, 25, 36]], exact],
  ['add of a number', () => x().add(1), [[2, 3, 4], [5, 6, 7]], exact],
  ['sub, broadcast over columns', () => x().sub([[1], [4]]), [[0, 1, 2], [0, 1, 2]], exact],
  ['mul', () => x().mul([0, 1, 2]), [[0, 2, 6], [0, 5, 12]], exact],
  ['div', () => x().div(2), [[0.5, 1, 1.5], [2, 2.5, 3]], exact],
  ['a row against a column', () => regard.tensor([[1], [2]]).mul([3, 4]), [[3, 4], [6, 8]], exact],
  ['maximum', () => x().maximum(3), [[3, 3, 3], [4, 5, 6]], exact],
  ['minimum', () => x().minimum([[2], [5]]), [[1, 2, 2], [4, 5, 5]], exact],
  ['pow', () => x().pow(2), [[1, 4, 9], [16, 25, 36]], 1e-5],
  ['neg', () => x().neg(), [[-1, -2, -3], [-4, -5, -6]], exact],
  ['abs', () => regard.tensor([-2, 0, 3]).abs(), [2, 0, 3], exact],
  ['exp', () => regard.tensor([0, 1, -2]).exp(), [1, Math.E, Math.exp(-2)], close],
  ['log', () => regard.tensor([1, Math.E, 10]).log(), [0, 1, Math.log(10)], close],
  ['sqrt', () => regard.tensor([0, 4, 2]).sqrt(), [0, 2, Math.SQRT2], close],
  ['sin', () => regard.tensor([0, 1, -2]).sin(), [0, Math.sin(1), Math.sin(-2)], close],
  ['cos', () => regard.tensor([0, 1, -2]).cos(), [1, Math.cos(1), Math.cos(-2)], close],
  ['tanh', () => regard.tensor([0, 1, -2]).tanh(), [0, Math.tanh(1), Math.tanh(-2)], close],
  ['sigmoid', () => regard.tensor([0, Math.log(3)]).sigmoid(), [0.5, 0.75], close],
  ['relu', () => regard.tensor([-1, 0, 2]).relu(), [0, 0, 2], exact],
  // x Φ(x) with Φ(1) = 0.841344746, and by tanh √(2/π) (1 + 0.044715)
  ['gelu', () => regard.tensor([0, 1, -1]).gelu(), [0, 0.841344746, -0.158655254], close],
  ['gelu by tanh', () => regard.tensor([1]).gelu('tanh'), [0.84119199], close],
  ['silu', () => regard.tensor([0, Math.log(3)]).silu(), [0, 0.75 * Math.log(3)], close],

  ['equal', () => x().equal([1, 5, 3]), [[1, 0, 1], [0, 1, 0]], exact],
  ['notEqual', () => x().notEqual([1, 5, 3]), [[0, 1, 0], [1, 0, 1]], exact],
  ['less', () => x().less(3), [[1, 1, 0], [0, 0, 0]], exact],
  ['lessEqual', () => x().lessEqual(3), [[1, 1, 1], [0, 0, 0]], exact],
  ['greater', () => x().greater(3), [[0, 0, 0], [1, 1, 1]], exact],
  ['greaterEqual', () => x().greaterEqual(3), [[0, 0, 1], [1, 1, 1]], exact],
  ['NaN is not equal to itself', () => regard.tensor([NaN, 1]).equal([NaN, 1]), [0, 1], exact],

  ['matmul', () => x().matmul([[1], [10], [100]]), [[321], [654]], exact],
  ['matmul with a vector', () => x().matmul([1, 10, 100]), [321, 654], exact],
  ['matmul in batches', () => x().reshape(2, 1, 3).matmul(x().T), [[[14, 32]], [[32, 77]]], exact],

  ['sum', () => x().sum(), 21, exact],
  ['sum of an axis', () => x().sum(0), [5, 7, 9], exact],
  ['sum that keeps its axis', () => x().sum(-1, { keep: true }), [[6], [15]], exact],
  ['sum of two axes', () => x().reshape(1, 2, 3).sum([0, 2]), [6, 15], exact],
  ['mean', () => x().mean(1), [2, 5], exact],
  ['variance', () => x().variance(1), [2 / 3, 2 / 3], 1e-7],
  ['variance of a sample', () => x().variance(1, { correction: 1 }), [1, 1], exact],
  ['max', () => x().max(0), [4, 5, 6], exact],
  ['min', () => x().min(), 1, exact],
  ['argmax', () => regard.tensor([[1, 3, 3], [9, 0, 1]]).argmax(1), [1, 0], exact],
  ['argmax that keeps its axis', () => x().argmax(0, { keep: true }), [[1, 1, 1]], exact],
  ['cumulativeSum', () => x().cumulativeSum(1), [[1, 3, 6], [4, 9, 15]], exact],
  ['softmax', () => regard.tensor([[0, Math.log(3)], [5, 5]]).softmax(), [[0.25, 0.75], [0.5, 0.5]], 1e-7],
  ['softmax of an axis', () => regard.tensor([[0], [Math.log(3)]]).softmax(0), [[0.25], [0.75]], 1e-7],
  ['softmax of nothing', () => regard.tensor([-Infinity, -Infinity]).softmax(), [0, 0], exact],
  ['logSoftmax', () => regard.tensor([0, Math.log(3)]).logSoftmax(), [Math.log(0.25), Math.log(0.75)], close],

  ['reshape', () => x().reshape(3, 2), [[1, 2], [3, 4], [5, 6]], exact],
  ['reshape by what is left', () => x().reshape([-1, 2]), [[1, 2], [3, 4], [5, 6]], exact],
  ['permute', () => x().reshape(1, 2, 3).permute(2, 0, 1), [[[1, 4]], [[2, 5]], [[3, 6]]], exact],
  ['transpose', () => x().transpose(0, 1), [[1, 4], [2, 5], [3, 6]], exact],
  ['T', () => x().T, [[1, 4], [2, 5], [3, 6]], exact],
  ['expand', () => regard.tensor([[1], [2]]).expand(2, 3), [[1, 1, 1], [2, 2, 2]], exact],
  ['expand by an axis', () => regard.tensor([1, 2]).expand(2, -1), [[1, 2], [1, 2]], exact],
  ['squeeze', () => x().reshape(1, 2, 1, 3).squeeze(), [[1, 2, 3], [4, 5, 6]], exact],
  ['squeeze of one axis', () => x().reshape(2, 1, 3, 1).squeeze(-1), [[[1, 2, 3]], [[4, 5, 6]]], exact],
  ['unsqueeze', () => x().unsqueeze(-1).unsqueeze(0).squeeze(3), [[[1, 2, 3], [4, 5, 6]]], exact],
  ['flatten', () => x().flatten(), [1, 2, 3, 4, 5, 6], exact],
  ['flatten of some', () => x().reshape(1, 2, 3).flatten(0, 1), [[1, 2, 3], [4, 5, 6]], exact],

  ['slice', () => x().slice(1, 1), [[2, 3], [5, 6]], exact],
  ['slice from the end', () => x().slice(-1, -2, -1), [[2], [5]], exact],
  ['select', () => x().select(1, -1), [3, 6], exact],
  ['at', () => x().at(1), [4, 5, 6], exact],
  ['at two axes', () => x().at(1, -3), 4, exact],
  ['indexSelect', () => x().indexSelect(0, [1, 0, 1]), [[4, 5, 6], [1, 2, 3], [4, 5, 6]], exact],
  ['takeAlongAxis', () => x().takeAlongAxis([[2], [0]], 1), [[3], [4]], exact],
  ['gather', () => x().gather(1, [[0, 0], [2, 1]]), [[1, 1], [6, 5]], exact],
  ['diagonal', () => x().slice(1, 0, 2).diagonal(), [1, 5], exact],
  ['maskedFill', () => x().maskedFill([true, false, true], -1), [[-1, 2, -1], [-1, 5, -1]], exact],
  ['tril', () => x().tril(), [[1, 0, 0], [4, 5, 0]], exact],
  ['triu', () => x().triu(1), [[0, 2, 3], [0, 0, 6]], exact],

  ['where', () => regard.where([[true], [false]], x(), 0), [[1, 2, 3], [0, 0, 0]], exact],
  ['concatenate', () => regard.concatenate([x(), [[7, 8, 9]]]), [[1, 2, 3], [4, 5, 6], [7, 8, 9]], exact],
  ['concatenate along an axis', () => regard.concatenate([x(), [[0], [0]]], 1), [[1, 2, 3, 0], [4, 5, 6, 0]], exact],
  ['stack', () => regard.stack([row, [1, 2, 3]], -1), [[10, 1], [20, 2], [30, 3]], exact],
  ['einsum', () => regard.einsum('ij,kj->ik', x(), x()), [[14, 32], [32, 77]], exact],
  ['einsum of one', () => regard.einsum('ij->j', x()), [5, 7, 9], exact],
  ['zeros', () => regard.zeros([2]), [0, 0], exact],
  ['ones', () => regard.ones([1, 2]), [[1, 1]], exact],
  ['full', () => regard.full([], -Infinity), -Infinity, exact],
  ['arange', () => regard.arange(3), [0, 1, 2], exact],
  ['arange by steps', () => regard.arange(1, -1, -0.5), [1, 0.5, 0, -0.5], exact],
  ['eye', () => regard.eye(2), [[1, 0], [0, 1]], exact],
  ['oneHot', () => regard.oneHot([2, 0], 3), [[0, 0, 1], [1, 0, 0]], exact],
  ['embedding', () => regard.embedding([[1, 1], [0, 1]], [[1, 2], [3, 4]]), [[[3, 4], [3, 4]], [[1, 2], [3, 4]]], exact],
  ['linear', () => regard.linear(x(), [[1, 10, 100]], [1000]), [[1321], [1654]], exact],
  // mean 2, variance 2/3
  ['layerNorm', () => regard.layerNorm([1, 2, 3], undefined, undefined, { epsilon: 0 }), [-Math.sqrt(1.5), 0, Math.sqrt(1.5)], close],
  ['layerNorm with parameters', () => regard.layerNorm([1, 2, 3], [2, 2, 2], [1, 1, 1], { epsilon: 0 }), [1 - 2 * Math.sqrt(1.5), 1, 1 + 2 * Math.sqrt(1.5)], close],
  ['dropout of nothing', () => regard.dropout(row, 0), row, exact],
  ['crossEntropy', () => regard.crossEntropy([[0, Math.log(3)], [0, 0]], [1, 0]), (Math.log(4 / 3) + Math.log(2)) / 2, close],
  ['crossEntropy that ignores', () => regard.crossEntropy([[0, Math.log(3)], [0, 0]], [1, -100]), Math.log(4 / 3), close],
  ['mse', () => regard.mse([1, 2], [3, 5]), 6.5, exact],
];

describe('operations', () => {
  // What a test makes goes with it.
  let tensors = 0;
  afterEach(() => expect(regard.memory().tensors).toBe(tensors));
  beforeAll(() => {
    tensors = regard.memory().tensors;
  });

  test.each(cases)('%s', (_, compute, expected, tolerance) => {
    regard.scope(() => {
      const found = compute().toArray();
      if (expected === -Infinity) expect(found).toBe(expected);
      else expect(greatestDifference(found, expected)).toBeLessThanOrEqual(tolerance);
    });
  });

  test('random numbers follow from their seed', () => {
    regard.scope(() => {
      const first = regard.randn([1000], { seed: 3 });
      expect(first.toArray()).toEqual(regard.randn([1000], { seed: 3 }).toArray());
      expect(first.toArray()).not.toEqual(regard.randn([1000], { seed: 4 }).toArray());
      // Five standard deviations of the mean and of the variance of 1,000 normal numbers.
      expect(Math.abs(first.mean().item())).toBeLessThan(5 / Math.sqrt(1000));
      expect(Math.abs(first.variance().item() - 1)).toBeLessThan(5 * Math.sqrt(2 / 1000));
      const uniform = regard.rand([1000]);
      expect(uniform.min().item()).toBeGreaterThanOrEqual(0);
      expect(uniform.max().item()).toBeLessThan(1);
    });
  });

  test('dropout keeps the rest, enlarged', () => {
    regard.scope(() => {
      const dropped = regard.dropout(regard.ones([1000]), 0.5, { seed: 1 });
      expect(new Set(dropped.data)).toEqual(new Set([0, 2]));
      // Six standard deviations of 1,000 throws of a coin.
      expect(Math.abs(dropped.mean().item() - 1)).toBeLessThan(6 / Math.sqrt(1000));
      const again = regard.dropout(regard.ones([1000]), 0.5, { seed: 1 });
      expect(again.data).toEqual(dropped.data);
    });
  });

  test('tensors know their sizes and their only number', async () => {
    const value = x();
    expect([value.size(0), value.size(-1)]).toEqual([2, 3]);
    expect(await failure(() => value.item())).toBe(
      'ShapeError: item: the tensor is (2, 3), expected a single number',
    );
    value.dispose();
  });
});
