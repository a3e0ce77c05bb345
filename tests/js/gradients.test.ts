// SPDX-License-Identifier: MIT
// The gradient of every operation against differences, through the border. The exact ones, by dual
// numbers, are compared natively.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AttentionOptions, Lab, Tensor } from '../../bindings/js/index.node.js';
import { startLab } from './engine.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

const h = 2 ** -6;
// Differences leave h² / 6 of the third derivative, which is below 16 for all functions here, and
// the rounding of two sums of at most 24 numbers below 32, 2^-24 of that each, over 2 h.
const tolerance = (h ** 2 / 6) * 16 + (2 * 24 * 32 * 2 ** -24) / (2 * h);

/** Twelve numbers between -1.5 and 1.5, no two nearer than 4 h, none near 0. */
const numbers = [0.9, -0.3, 1.4, -1.1, 0.5, -1.45, 1.15, -0.75, 0.2, -0.5, 0.7, -0.95];
const weighing = [1, -2, 0.5, 1.5, -1, 2, 0.25, -0.5, 1.75, -1.25, 0.75, -1.5];

type Case = [name: string, compute: (x: Tensor) => Tensor, operand?: (x: number) => number];

const positive = (x: number) => Math.abs(x) + 0.5;
const other = numbers.map((x) => Math.round(4 * x * x + 1) / 2);
const q = () => regard.tensor(numbers, [1, 3, 4]);

function attend(options: AttentionOptions): (x: Tensor) => Tensor {
  return (x) => {
    const three = x.reshape(1, 3, 4);
    return regard.attention(three, q(), three, options).output;
  };
}

// prettier-ignore
const cases: Case[] = [
  ['add', (x) => x.add(other)],
  ['add of its own row', (x) => x.reshape(3, 4).add(x.reshape(3, 4).at(0))],
  ['sub', (x) => regard.tensor(other).sub(x)],
  ['mul by itself', (x) => x.mul(x)],
  ['div', (x) => regard.tensor(other).div(x), positive],
  ['maximum', (x) => x.maximum(0.3)],
  ['minimum', (x) => x.minimum(0.3)],
  ['pow', (x) => x.pow(3)],
  ['neg', (x) => x.neg()],
  ['abs', (x) => x.abs()],
  ['exp', (x) => x.exp()],
  ['log', (x) => x.log(), positive],
  ['sqrt', (x) => x.sqrt(), positive],
  ['sin', (x) => x.sin()],
  ['cos', (x) => x.cos()],
  ['tanh', (x) => x.tanh()],
  ['sigmoid', (x) => x.sigmoid()],
  ['relu', (x) => x.relu()],
  ['gelu', (x) => x.gelu()],
  ['gelu by tanh', (x) => x.gelu('tanh')],
  ['silu', (x) => x.silu()],
  ['matmul', (x) => x.reshape(3, 4).matmul(x.reshape(4, 3))],
  ['sum', (x) => x.reshape(3, 4).sum(0)],
  ['mean', (x) => x.reshape(3, 4).mean(1, { keep: true })],
  ['variance', (x) => x.reshape(3, 4).variance(0, { correction: 1 })],
  ['max', (x) => x.reshape(3, 4).max(0)],
  ['min', (x) => x.reshape(3, 4).min(1)],
  ['cumulativeSum', (x) => x.reshape(3, 4).cumulativeSum(0)],
  ['softmax', (x) => x.reshape(3, 4).softmax(0)],
  ['logSoftmax', (x) => x.reshape(3, 4).logSoftmax()],
  ['reshape and transpose', (x) => x.reshape(3, 4).T.exp()],
  ['permute', (x) => x.reshape(2, 3, 2).permute(2, 0, 1)],
  ['expand', (x) => x.reshape(12, 1).expand(12, 2).slice(0, 0, 6)],
  ['squeeze and unsqueeze', (x) => x.unsqueeze(0).squeeze(0).exp()],
  ['slice', (x) => x.slice(0, 2, -3)],
  ['at', (x) => x.reshape(3, 4).at(1)],
  ['indexSelect', (x) => x.indexSelect(0, [3, 3, 0])],
  ['gather', (x) => x.reshape(3, 4).gather(1, [[0, 0], [3, 1], [2, 2]])],
  ['diagonal', (x) => x.reshape(3, 4).slice(1, 0, 3).diagonal()],
  ['maskedFill', (x) => x.maskedFill(x.greater(1), -3)],
  ['tril', (x) => x.reshape(3, 4).tril()],
  ['triu', (x) => x.reshape(3, 4).triu(-1)],
  ['where', (x) => regard.where(x.less(0), x.exp(), x)],
  ['concatenate', (x) => regard.concatenate([x.slice(0, 6), x.slice(0, 0, 6).exp()])],
  ['stack', (x) => regard.stack([x.slice(0, 6), x.slice(0, 0, 6).exp()], 1)],
  ['einsum', (x) => regard.einsum('bij,bkj->bik', x.reshape(1, 3, 4), x.reshape(1, 3, 4))],
  ['embedding', (x) => regard.embedding([2, 0, 2], x.reshape(3, 4))],
  ['linear', (x) => regard.linear(x.reshape(3, 4), x.reshape(3, 4), x.slice(0, 0, 3))],
  ['layerNorm', (x) => regard.layerNorm(x.reshape(3, 4), x.slice(0, 0, 4), x.slice(0, 4, 8))],
  ['dropout', (x) => regard.dropout(x, 0.5, { seed: 2 })],
  ['crossEntropy', (x) => regard.crossEntropy(x.reshape(3, 4), [1, 3, 0], { smoothing: 0.1 })],
  ['mse', (x) => regard.mse(x, other)],
  ['clone', (x) => x.clone()],
  ['attention', attend({})],
  ['attention, causal', attend({ causal: true })],
  ['attention with a softcap and a window', attend({ softcap: 2, window: 1 })],
  ['attention with lengths and dropout', attend({ keyLengths: [2], dropout: 0.3, seed: 5 })],
  ['attention with cosine scores', attend({ score: 'cosine', scale: 3 })],
  ['attention to weights', (x) => regard.attention(x.reshape(3, 4), q().at(0), q().at(0), { weights: true }).weights!],
  ['attention to its bias', (x) => regard.attention(q().at(0), q().at(0), q().at(0), { bias: x.slice(0, 0, 9).reshape(3, 3) }).output],
  ['additive attention to its parameters', (x) => regard.attention(q().at(0), q().at(0), q().at(0),
    { score: 'additive', scoreParameters: { query: x.slice(0, 0, 8).reshape(2, 4), key: x.slice(0, 4).reshape(2, 4), vector: x.slice(0, 5, 7) } }).output],
];

describe('gradients', () => {
  test.each(cases)('%s', (_, compute, operand = (x) => x) => {
    const values = numbers.map(operand);
    const loss = (x: Tensor): Tensor => {
      const y = compute(x);
      const count = y.shape.reduce((product, size) => product * size, 1);
      const weights = Array.from({ length: count }, (__, i) => weighing[i % 12]!);
      return y.mul(regard.tensor(weights, y.shape)).sum();
    };
    const at = (moved: number, by: number) =>
      regard.scope(() =>
        loss(regard.tensor(values.map((x, i) => (i === moved ? x + by : x)))).item(),
      );

    const found = regard.scope(() => {
      const x = regard.parameter(values);
      loss(x).backward();
      return [...x.grad!.data];
    });
    const wanted = values.map((__, i) => (at(i, h) - at(i, -h)) / (2 * h));
    found.forEach((gradient, i) => {
      expect(Math.abs(gradient - wanted[i]!)).toBeLessThan(
        tolerance * Math.max(1, Math.abs(gradient)),
      );
    });
    // a gradient that is always 0 would pass wherever the differences vanish
    expect(found.some((gradient) => gradient !== 0)).toBe(true);
  });
});
