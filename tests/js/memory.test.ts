// SPDX-License-Identifier: MIT
// What is done again and again leaves the engine's memory where it was: in bytes, so that no clock matters.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Lab, MemoryUse } from '../../bindings/js/index.node.js';
import { start, startLab } from './engine.js';

let regard: Lab;
beforeEach(async () => {
  regard = await startLab();
});
afterEach(() => regard.dispose());

/**
 * Repeats something, told how often it was done before. The first 600 times it may take memory, more than
 * the engine keeps operations with their options; from then on it has all that it ever takes.
 */
function expectSteady(times: number, body: (i: number) => void): void {
  for (let i = 0; i < 600; ++i) body(i);
  const before = regard.memory();
  for (let i = 600; i < 600 + times; ++i) body(i);
  const { used, idle, ...others } = regard.memory();
  expect(others).toEqual({ heap: before.heap, tensors: before.tensors, recorded: before.recorded });
  // A block may keep some bytes that are too few to be one; a byte a time would be as many as there were times.
  expect(Math.abs(used + idle - before.used - before.idle)).toBeLessThan(times);
}

const shape = [1, 2, 8, 16];
const values = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i));

describe('10,000 calls', () => {
  test('of attention, from arrays to an array', () => {
    const [q, out] = [{ shape, data: values }, new Float32Array(256)];
    expectSteady(10_000, () => {
      const { output } = regard.attention(q, q, q, { causal: true });
      output.copyTo(out);
      output.dispose();
    });
  });

  test('of operations with gradients', () => {
    const w = regard.parameter(values, [16, 16]);
    expectSteady(10_000, () => {
      regard.scope(() => w.mul(w).sum().backward());
    });
  });

  test('of a layer, with other options each time', () => {
    const layer = regard.layer('MultiHeadAttention', { embedDim: 16, numHeads: 2 });
    const x = regard.tensor(values, [16, 16]);
    const inputs = { queries: x, keys: x, values: x };
    expectSteady(10_000, (i) => {
      regard.scope(() => void layer.forward(inputs, { seed: 1000 + (i % 500), training: true }));
    });
  });

  test('that fail', () => {
    const x = regard.tensor(values);
    expectSteady(10_000, (i) => {
      expect(() => x.add([1, 2])).toThrow('does not broadcast');
      if (i % 2) expect(() => x.sum(1000 + (i % 300))).toThrow('not one of the axes');
    });
  });
});

describe('1,000 layers, made and let go', () => {
  test('with an optimizer and a step each', () => {
    const x = { shape: [16, 16], data: values };
    expectSteady(1_000, () => {
      regard.scope(() => {
        const sizes = { dModel: 16, nhead: 2, dimFeedforward: 32 };
        const layer = regard.layer('TransformerEncoderLayer', sizes);
        const adam = regard.adam(Object.values(layer.parameters));
        layer.forward({ src: x }).output.sum().backward();
        adam.step();
        regard.noGrad(() => void layer.forward({ src: x }));
      });
    });
  });
});

test('engines come and go by the hundred', async () => {
  // Each would hold 2 GB of addresses if it were not let go.
  const x = { shape, data: values };
  let first: MemoryUse | undefined;
  for (let i = 0; i < 100; ++i) {
    const engine = await start();
    const { output } = engine.attention(x, x, x);
    output.dispose();
    first ??= engine.memory();
    expect(engine.memory()).toEqual(first);
    engine.dispose();
  }
});

test('a long attention needs memory for its length, not for its square', () => {
  // As 8 heads of 64 and 16,384 queries and keys within 64 MB; here an eighth of the length, and of the room.
  const [n, room] = [2048, 8 << 20];
  const x = { shape: [1, 8, n, 64], data: new Float32Array(8 * n * 64).fill(0.5) };
  const { heap, used } = regard.memory();
  const { output } = regard.attention(x, x, x);
  const after = regard.memory();
  const operands = 4 * x.data.byteLength;
  expect(after.used - used).toBeLessThan(x.data.byteLength + 4096);
  expect(after.heap - heap).toBeLessThan(operands + room);
  output.dispose();
});
