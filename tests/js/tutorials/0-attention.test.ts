// SPDX-License-Identifier: MIT
// The code of tutorial 0, attention and self-attention. Each test shows what its text or code does,
// and what is right.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Layer, Lab, Tensor, TensorLike } from '../../../bindings/js/index.node.js';
import { failure, startLab } from '../engine.js';
import { distance, expectClose, golden, state } from './golden.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

// --- The cells, put right ---

function attention(query: Tensor, keys: Tensor, values: Tensor): Tensor {
  const scores = query.matmul(keys.transpose(-1, -2)).div(Math.sqrt(keys.size(-1)));
  const weights = scores.softmax(-1);
  return weights.matmul(values);
}

/** A module is made once, from widths that are told, and keeps its weights from call to call. */
function selfAttention(embedDim: number, numHeads: number): Layer<'MultiHeadAttention'> {
  return regard.layer('MultiHeadAttention', { embedDim, numHeads });
}
const attend = (layer: Layer<'MultiHeadAttention'>, x: TensorLike, call = {}) =>
  layer.forward({ queries: x, keys: x, values: x }, call);

// --- What goes wrong ---

describe('tutorial 0', () => {
  test('1: the cell computes what PyTorch does, once the root has a name', () => {
    const [q, k, v] = ['q', 'k', 'v'].map((name) => regard.tensor(golden('attention', name)));
    expectClose(attention(q!, k!, v!), golden('attention', 'output'));
    expectClose(regard.attention(q!, k!, v!).output, golden('attention', 'output'));
  });

  test('1: as printed, `sqrt` is the name of nothing', async () => {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the cell as it is printed
    const printed = new Function('width', 'return sqrt(width)') as (width: number) => number;
    expect(await failure(() => printed(4))).toBe('ReferenceError: sqrt is not defined');
  });

  test('2: what Bahdanau et al. proposed scores by addition, from the state before the step', () => {
    const of = (name: string) => regard.tensor(golden('additive', name));
    const [w, u, v] = [of('w'), of('u'), of('v')];
    const states = of('states');
    const { weights } = regard.attention(of('state'), states, states, {
      score: 'additive',
      scoreParameters: { query: w, key: u, vector: v },
      weights: true,
    });
    expectClose(weights!, golden('additive', 'weights'));
    // its query is a state of another width than the source's: no dot product could be taken
    expect(of('state').size(-1)).not.toBe(states.size(-1));
  });

  test('3: a module that is made in each call answers differently each time, and learns nothing', () => {
    const x = regard.tensor(golden('module', 'x'));
    const printed = (seed: number) =>
      attend(regard.layer('MultiHeadAttention', { embedDim: 8, numHeads: 2 }, { seed }), x);
    expect(distance(printed(1)['output'], printed(2)['output'])).toBeGreaterThan(0.01);

    const layer = selfAttention(8, 2);
    const [first, second] = [attend(layer, x)['output'], attend(layer, x)['output']];
    expect([...first.data]).toEqual([...second.data]);
    const optimizer = regard.adam(Object.values(layer.parameters), { rate: 0.01 });
    const loss = () => regard.mse(attend(layer, x)['output'], golden('module', 'output'));
    const before = loss().item();
    for (let step = 0; step < 20; ++step) {
      loss().backward();
      optimizer.step();
    }
    expect(loss().item()).toBeLessThan(before / 2);
  });

  test('4: without batchFirst it attends across the batch, and says nothing', () => {
    const x = regard.tensor(golden('module', 'x'));
    const options = { embedDim: 8, numHeads: 2 };
    const right = regard.layer('MultiHeadAttention', options).load(state('module'));
    const wrong = regard
      .layer('MultiHeadAttention', { ...options, batchFirst: false })
      .load(state('module'));
    expectClose(attend(right, x)['output'], golden('module', 'output'));
    expectClose(attend(wrong, x)['output'], golden('module', 'across_the_batch'));

    // another second sentence changes the first one's result, but only in the wrong one
    const changed = regard.concatenate([x.slice(0, 0, 1), x.slice(0, 1).mul(-2)]);
    const ofFirst = (layer: Layer<'MultiHeadAttention'>, y: Tensor) =>
      attend(layer, y)['output'].at(0);
    expect(distance(ofFirst(right, changed), ofFirst(right, x))).toBe(0);
    expect(distance(ofFirst(wrong, changed), ofFirst(wrong, x))).toBeGreaterThan(0.01);
  });

  test('5: values of another width need kdim and vdim', async () => {
    const inputs = {
      queries: golden('widths', 'x'),
      keys: golden('widths', 'y'),
      values: golden('widths', 'z'),
    };
    expect(await failure(() => selfAttention(8, 4).forward(inputs))).toMatch(
      /^ShapeError: .*\(2, 5, 6\).*8/,
    );
    const layer = regard.layer('MultiHeadAttention', {
      embedDim: 8,
      numHeads: 4,
      kdim: 6,
      vdim: 4,
    });
    expectClose(layer.load(state('widths')).forward(inputs)['output'], golden('widths', 'output'));
  });

  test('6: eight heads do not divide every width', async () => {
    expect(await failure(() => selfAttention(20, 8))).toMatch(/^ValueError: .*8 heads.*20/);
    expect(attend(selfAttention(20, 4), regard.randn([1, 3, 20]))['output'].shape).toEqual([
      1, 3, 20,
    ]);
  });

  test('7: the module gives two things, and its weights are a mean over the heads', () => {
    const x = regard.tensor(golden('module', 'x'));
    const layer = regard
      .layer('MultiHeadAttention', { embedDim: 8, numHeads: 2 })
      .load(state('module'));
    const each = attend(layer, x, { weights: true })['weights']!;
    const mean = attend(layer, x, { weights: true, averageWeights: true })['weights']!;
    expectClose(each, golden('module', 'each'));
    expectClose(mean, golden('module', 'weights'));
    expectClose(each.mean(1), mean);
  });
});
