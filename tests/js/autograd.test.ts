// SPDX-License-Identifier: MIT
// What remembers and what forgets: parameters, backward, optimizers, and the memory that they take.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lab } from '../../bindings/js/index.node.js';
import { failure, startLab } from './engine.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

describe('backward', () => {
  test('leaves gradients in parameters alone, and adds them up', () => {
    regard.scope(() => {
      const w = regard.parameter([1, 2]);
      const x = regard.tensor([3, 4]);
      const y = w.mul(x);
      expect([w, x, y].map((tensor) => tensor.requiresGrad)).toEqual([true, false, true]);
      expect(w.grad).toBeUndefined();
      y.sum().backward();
      expect(w.grad!.toArray()).toEqual([3, 4]);
      expect(x.grad).toBeUndefined();
      expect(y.grad).toBeUndefined();
      w.mul(w).sum().backward();
      expect(w.grad!.toArray()).toEqual([3 + 2, 4 + 4]);
    });
  });

  test('leaves one in a value that asked to keep it', () => {
    regard.scope(() => {
      const w = regard.parameter([1, 2]);
      const y = w.mul(3).retainGrad();
      y.mul(y).sum().backward();
      expect(y.grad!.toArray()).toEqual([6, 12]);
    });
  });

  test('does not pass detach(), comparisons, argmax and noGrad()', () => {
    regard.scope(() => {
      const w = regard.parameter([1, 2]);
      expect(w.detach().requiresGrad).toBe(false);
      expect(w.less(2).requiresGrad).toBe(false);
      expect(w.argmax().requiresGrad).toBe(false);
      expect(regard.noGrad(() => w.mul(2)).requiresGrad).toBe(false);
      expect(w.clone().requiresGrad).toBe(true);
    });
  });

  test('refuses what it cannot do', async () => {
    const w = regard.parameter([1, 2]);
    const sum = w.sum();
    expect(await failure(() => w.backward())).toBe(
      'ShapeError: backward: loss is (2), expected a single number',
    );
    expect(await failure(() => w.detach().sum().backward())).toBe(
      'ValueError: backward: the loss depends on nothing that needs a gradient',
    );
    sum.backward();
    expect(await failure(() => sum.mul(2).backward())).toMatch(
      /^ValueError: backward: an earlier backward has passed/,
    );
    expect(await failure(() => regard.noGrad(() => Promise.resolve(1)))).toBe(
      'ValueError: noGrad: the function returned a promise, expected one that works at once',
    );
    // and records again after it threw
    expect(w.mul(2).requiresGrad).toBe(true);
  });
});

describe('memory', () => {
  test('comes back after a scope, graph included', () => {
    const step = () =>
      regard.scope(() => {
        const w = regard.parameter(new Float32Array(1024), [32, 32]);
        let y = w;
        for (let i = 0; i < 50; ++i) y = y.matmul(w).tanh();
        const loss = y.sum();
        expect(regard.memory().recorded).toBeGreaterThan(50);
        return loss.item();
      });
    step();
    const before = regard.memory();
    for (let i = 0; i < 20; ++i) step();
    const after = regard.memory();
    expect(after.recorded).toBe(before.recorded);
    expect(after.tensors).toBe(before.tensors);
    expect(after.heap).toBe(before.heap);
    // Lists of free buffers may have moved by a few cache lines.
    expect(Math.abs(after.used - before.used)).toBeLessThan(4096);
  });

  test('of a graph goes with the last tensor that was made from it', () => {
    const { recorded } = regard.memory();
    const w = regard.parameter([1, 2]);
    const y = regard.scope(() => w.mul(2).exp().sum());
    expect(regard.memory().recorded).toBe(recorded + 3);
    y.dispose();
    expect(regard.memory().recorded).toBe(recorded);
    w.dispose();
  });

  test('of a value that was returned from a scope still knows its way back', () => {
    const w = regard.parameter([1, 2]);
    const loss = regard.scope(() => w.mul(w).sum());
    loss.backward();
    expect(w.grad!.toArray()).toEqual([2, 4]);
  });
});

describe('optimizers', () => {
  test('sgd moves against the gradient, with momentum', () => {
    const w = regard.parameter([1]);
    const sgd = regard.sgd([w], { rate: 0.5, momentum: 0.5 });
    const step = () => {
      regard.scope(() => w.mul(2).sum().backward());
      return sgd.step();
    };
    expect(step()).toBe(2);
    expect(w.item()).toBe(0); // 1 - 0.5 · 2
    step();
    expect(w.item()).toBe(-1.5); // 0 - 0.5 · (0.5 · 2 + 2)
    sgd.rate = 0.25;
    step();
    expect(w.item()).toBe(-2.375); // -1.5 - 0.25 · (0.5 · 3 + 2)
    sgd.dispose();
  });

  test('adam moves by its rate at first, and clears or keeps gradients as it is told', () => {
    const w = regard.parameter([1, -2]);
    const adam = regard.adam([w], { rate: 0.1 });
    w.mul([3, -0.01]).sum().backward();
    adam.zeroGrad();
    expect(w.grad).toBeUndefined();
    w.mul([3, -0.01]).sum().backward();
    adam.step();
    expect(w.grad).toBeUndefined();
    // m / √v is the sign of the gradient, but for ε = 1e-8 over 0.01, and rounding near 2.
    expect(Math.abs(w.data[0]! - 0.9)).toBeLessThan(1e-6);
    expect(Math.abs(w.data[1]! + 1.9)).toBeLessThan(1e-6);
    adam.dispose();
  });

  test('adam does not move on a gradient that is no number', () => {
    const w = regard.parameter([1]);
    const adam = regard.adam([w]);
    w.mul(Infinity).sum().backward();
    expect(adam.step()).toBeNaN();
    expect(w.item()).toBe(1);
  });

  test('learn a line', () => {
    const x = regard.tensor([[-1], [0], [1], [2]]);
    const y = regard.tensor([[-1], [1], [3], [5]]);
    const weight = regard.parameter([[0]]);
    const bias = regard.parameter([0]);
    const adam = regard.adam([weight, bias], { rate: 0.1 });
    let loss = Infinity;
    for (let i = 0; i < 300; ++i) {
      loss = regard.scope(() => {
        const error = regard.mse(regard.linear(x, weight, bias), y);
        error.backward();
        return error.item();
      });
      adam.step();
    }
    // The line is there to be found exactly; Adam has come to within a hundredth of it.
    expect(loss).toBeLessThan(1e-4);
    expect(Math.abs(weight.item() - 2)).toBeLessThan(0.01);
    expect(Math.abs(bias.item() - 1)).toBeLessThan(0.01);
  });

  test('refuse what they cannot move', async () => {
    const w = regard.parameter([1]);
    expect(await failure(() => regard.adam([regard.tensor([1])]))).toBe(
      'ValueError: adam: tensor 0 is no parameter: make it with parameter()',
    );
    expect(await failure(() => regard.sgd([w, w.mul(2)], { rate: 1 }))).toBe(
      'ValueError: sgd: tensor 1 is no parameter: make it with parameter()',
    );
    expect(await failure(() => regard.adam([w], { beta1: 1 }))).toBe(
      'ValueError: adam: beta1 is 1, expected 0 to below 1',
    );
    expect(await failure(() => regard.adam([w], { beta: 1 } as object))).toBe(
      "ValueError: adam: unknown option 'beta'",
    );
    const sgd = regard.sgd([w], { rate: -1 });
    expect(await failure(() => sgd.step())).toBe(
      'ValueError: optimizer.step: rate is -1, expected 0 or more',
    );
    sgd.dispose();
    sgd.dispose();
    expect(await failure(() => sgd.step())).toBe('DisposedError: optimizer: it was disposed of');
  });
});
