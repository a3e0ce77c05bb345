// SPDX-License-Identifier: MIT
// The code of tutorial 1, multi-head attention: its own variant line by line, and where that is not
// what the text describes.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LayerKinds, Lab, Tensor, TensorLike } from '../../../bindings/js/index.node.js';
import { failure, startLab } from '../engine.js';
import { distance, expectClose, golden } from './golden.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

const embedSize = 8;
const heads = 2;
const headDim = embedSize / heads;
const of = (name: string): Tensor => regard.tensor(golden('shared', name));

/** The cell's forward(), in its order of arguments and with its names. */
function forward(
  values: Tensor,
  keys: Tensor,
  query: Tensor,
  mask?: TensorLike,
  width = embedSize,
) {
  const N = query.size(0);
  const [valueLen, keyLen, queryLen] = [values.size(1), keys.size(1), query.size(1)];

  // Split the embedding into heads
  const V = regard.linear(values.reshape(N, valueLen, heads, headDim), of('values'));
  const K = regard.linear(keys.reshape(N, keyLen, heads, headDim), of('keys'));
  const Q = regard.linear(query.reshape(N, queryLen, heads, headDim), of('queries'));

  let energy = regard.einsum('nqhd,nkhd->nhqk', Q, K);
  if (mask !== undefined) {
    energy = energy.maskedFill(regard.tensor(mask).equal(0), -1e20);
  }
  const attention = energy.div(Math.sqrt(width)).softmax(3);
  const out = regard.einsum('nhql,nlhd->nqhd', attention, V).reshape(N, queryLen, heads * headDim);
  return { attention, out: regard.linear(out, of('weight'), of('bias')) };
}

describe('tutorial 1', () => {
  test('the cell, line by line, gives what it gives in PyTorch', () => {
    const { attention, out } = forward(of('v'), of('k'), of('q'), of('mask'));
    expectClose(attention, golden('shared', 'weights'));
    expectClose(out, golden('shared', 'output'));
  });

  test('the layer of its own name gives the same', () => {
    const layer = regard.layer('SharedProjectionAttention', { embedSize, heads }).load({
      'queries.weight': of('queries'),
      'keys.weight': of('keys'),
      'values.weight': of('values'),
      'fc_out.weight': of('weight'),
      'fc_out.bias': of('bias'),
    });
    const { output, weights } = layer.forward({
      values: of('v'),
      keys: of('k'),
      query: of('q'),
      mask: of('mask'),
    });
    expectClose(output, golden('shared', 'output'));
    expectClose(weights, golden('shared', 'weights'));
  });

  test('10: divided by the root of the whole width, attention is flatter', () => {
    const flat = forward(of('v'), of('k'), of('q')).attention;
    const right = forward(of('v'), of('k'), of('q'), undefined, headDim).attention;
    const entropy = (weights: Tensor) => weights.mul(weights.log()).sum().neg().item();
    expect(entropy(flat)).toBeGreaterThan(entropy(right));
    // rows that see something agree with PyTorch at the right scale
    const seen = of('mask').sum(-1, { keep: true }).greater(0);
    const masked = forward(of('v'), of('k'), of('q'), of('mask'), headDim).attention;
    expectClose(masked.mul(seen), regard.where(seen, golden('shared', 'sharper'), 0));
  });

  test('11: one projection for all heads has 3 (E / h)² weights, one for each head 3 E²', () => {
    const count = (kind: keyof LayerKinds, options: object, pattern: RegExp) =>
      Object.entries(regard.layer(kind, options as never).parameters)
        .filter(([name]) => pattern.test(name))
        .reduce((sum, [, parameter]) => sum + parameter.data.length, 0);
    const shared = count(
      'SharedProjectionAttention',
      { embedSize, heads },
      /^(queries|keys|values)/,
    );
    const full = count(
      'MultiHeadAttention',
      { embedDim: embedSize, numHeads: heads },
      /in_proj_weight/,
    );
    expect([shared, full]).toEqual([3 * headDim ** 2, 3 * embedSize ** 2]);
  });

  test('11: shared by all heads, equal parts of a row cannot be told apart', () => {
    const half = regard.randn([1, 3, headDim], { seed: 1 });
    const x = regard.concatenate([half, half], 2);
    const { attention } = forward(x, x, x);
    expect(distance(attention.select(1, 0), attention.select(1, 1))).toBe(0);
    const layer = regard.layer('MultiHeadAttention', { embedDim: embedSize, numHeads: heads });
    const { weights } = layer.forward({ queries: x, keys: x, values: x }, { weights: true });
    expect(distance(weights!.select(1, 0), weights!.select(1, 1))).toBeGreaterThan(0.001);
  });

  test('12: a query that sees no key gets a mean of hidden values; by default it gets zeros', () => {
    const { attention } = forward(of('v'), of('k'), of('q'), of('mask'));
    expect([...attention.at(1, 0, 1).data]).toEqual([1, 1, 1, 1, 1].map((x) => Math.fround(x / 5)));
    const split = (name: string) => of(name).reshape(2, -1, heads, headDim).transpose(1, 2);
    const { output, weights } = regard.attention(split('q'), split('k'), split('v'), {
      mask: of('mask'),
      weights: true,
    });
    expect([...weights!.at(1, 0, 1).data]).toEqual([0, 0, 0, 0, 0]);
    expect([...output.at(1, 0, 1).data]).toEqual([0, 0, 0, 0]);
  });

  test('12: -1e20 is no number of half precision', () => {
    const largest = (2 - 2 ** -10) * 2 ** 15;
    expect(largest).toBe(65504);
    expect(1e20).toBeGreaterThan(largest);
  });

  test('13: values, keys, query: PyTorch’s order gives another result without a word', () => {
    const x = regard.randn([1, 3, embedSize], { seed: 2 });
    const y = regard.randn([1, 3, embedSize], { seed: 3 });
    const meant = forward(y, y, x).out;
    const swapped = forward(x, y, y).out;
    expect(meant.shape).toEqual(swapped.shape);
    expect(distance(meant, swapped)).toBeGreaterThan(0.01);
    // a layer that takes its operands by name has no order
    const layer = regard.layer('SharedProjectionAttention', { embedSize, heads });
    const byName = (inputs: Record<'values' | 'keys' | 'query', Tensor>) =>
      layer.forward(inputs)['output'];
    expect(
      distance(byName({ values: y, keys: y, query: x }), byName({ query: x, keys: y, values: y })),
    ).toBe(0);
  });

  test('14: a mask of (N, k) fails, or hits the wrong axis where sizes happen to agree', async () => {
    const padding = [
      [1, 1, 1, 0, 0],
      [1, 1, 1, 1, 1],
    ];
    expect(await failure(() => forward(of('v'), of('k'), of('q'), padding))).toMatch(/^ShapeError/);
    // as many queries as sentences: rows are taken for queries
    const q = of('q').slice(1, 0, 2);
    const { attention } = forward(of('v'), of('k'), q, padding);
    expect([...attention.at(1, 0, 0).data].slice(3)).toEqual([0, 0]);

    const split = (x: Tensor) => x.reshape(2, -1, heads, headDim).transpose(1, 2);
    const right = regard.attention(split(q), split(of('k')), split(of('v')), {
      keyMask: padding,
      weights: true,
    }).weights!;
    expect([...right.at(0, 1, 1).data].slice(3)).toEqual([0, 0]);
    expect(Math.min(...right.at(1).data)).toBeGreaterThan(0);
  });

  test('15: weights come back when asked for, and dropout is an option with a seed', () => {
    const split = (name: string) => of(name).reshape(2, -1, heads, headDim).transpose(1, 2);
    const run = (seed: number) =>
      regard.attention(split('q'), split('k'), split('v'), { weights: true, dropout: 0.5, seed })
        .weights!;
    const dropped = [...run(1).data].filter((weight) => weight === 0).length;
    // 60 weights, each dropped with probability 1/2: 10 and 50 are five deviations off
    expect(dropped).toBeGreaterThan(10);
    expect(dropped).toBeLessThan(50);
    expect([...run(1).data]).toEqual([...run(1).data]);
    expect([...run(1).data]).not.toEqual([...run(2).data]);
  });
});
