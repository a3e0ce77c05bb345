// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lab, Tensor } from '../../bindings/js/index.node.js';
import { disposeSymbol } from '../../bindings/js/features.js';
import { failure, startLab } from './engine.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

describe('tensor', () => {
  test.each<[unknown, number[]]>([
    [3, []],
    [[], [0]],
    [[1, 2, 3], [3]],
    [
      [
        [1, 2],
        [3, 4],
      ],
      [2, 2],
    ],
    [
      [[], []],
      [2, 0],
    ],
  ])('%j has the shape %j and comes back', (nested, shape) => {
    const tensor = regard.tensor(nested as number[]);
    expect(tensor.shape).toEqual(shape);
    expect(tensor.toArray()).toEqual(nested);
    tensor.dispose();
  });

  test('takes a flat array and its shape', () => {
    const tensor = regard.tensor([1, 2, 3, 4, 5, 6], [2, 3]);
    expect(tensor.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(regard.tensor(Float64Array.of(1, 2), [2, 1]).toArray()).toEqual([[1], [2]]);
  });

  test('keeps its values when the memory of the engine grows', () => {
    const tensor = regard.tensor([1, 2, 3]);
    const { data } = tensor;
    const heap = regard.memory().heap;
    regard.tensor(new Float32Array(heap / 4), [heap / 4]).dispose();
    expect(regard.memory().heap).toBeGreaterThan(heap);
    expect([...data]).toEqual([1, 2, 3]);
    expect([...regard.tensor([4, 5]).data]).toEqual([4, 5]);
  });

  test.each<[string, () => unknown]>([
    [
      'ShapeError: tensor: data: 3 values, expected 4 for the shape (2, 2)',
      () => regard.tensor([1, 2, 3], [2, 2]),
    ],
    [
      'ShapeError: tensor: data: ragged, not all rows of axis 1 are 2 long',
      () => regard.tensor([[1, 2], [3]]),
    ],
    [
      'ShapeError: tensor: data: ragged, not all rows are equally deep',
      () => regard.tensor([1, [2]]),
    ],
    [
      'ValueError: tensor: data: found object, expected numbers',
      () => regard.tensor([null] as never),
    ],
    [
      'ValueError: tensor: data: found undefined, expected numbers',
      () => regard.tensor(undefined as never),
    ],
    [
      'ValueError: tensor: data: the shape is (-1, 2), expected whole numbers from 0',
      () => regard.tensor([1, 2], [-1, 2]),
    ],
    [
      'ValueError: tensor: data: the shape is (0.5), expected whole numbers from 0',
      () => regard.tensor([1], [0.5]),
    ],
    [
      'ValueError: tensor: data: 7 axes, at most 6 are possible',
      () => regard.tensor([1], [1, 1, 1, 1, 1, 1, 1]),
    ],
    [
      'OutOfMemoryError: tensor: data would be (1000000, 1000000), more than 2 GB',
      () => regard.tensor([1], [1e6, 1e6]),
    ],
    [
      'ValueError: tensor: data: expected an array of numbers',
      () => regard.tensor(new BigInt64Array(1) as never),
    ],
  ])('%s', async (sentence, action) => {
    expect(await failure(action)).toBe(sentence);
  });

  test('is gone after dispose(), which may be repeated', async () => {
    const before = regard.memory();
    const tensor = regard.tensor([1, 2]);
    expect(regard.memory().tensors).toBe(before.tensors + 1);
    tensor.dispose();
    tensor.dispose();
    expect(regard.memory().tensors).toBe(before.tensors);
    const gone = 'DisposedError: tensor: it was disposed of';
    expect(await failure(() => tensor.data)).toBe(gone);
    expect(await failure(() => regard.attention(tensor, tensor, tensor))).toBe(gone);
  });

  test('ends with `using`', () => {
    const tensor = regard.tensor([1]);
    (tensor as unknown as Record<symbol, () => void>)[disposeSymbol]!();
    expect(() => tensor.data).toThrow('disposed');
  });
});

describe('scope', () => {
  test('frees what is made inside but not what it returns', () => {
    const outside = regard.tensor([1]);
    const before = regard.memory().tensors;
    let dropped: Tensor | undefined;
    const { kept, list } = regard.scope(() => {
      dropped = regard.tensor([2]);
      return { kept: regard.tensor([3]), list: [regard.tensor([4]), 5] as const };
    });
    expect(regard.memory().tensors).toBe(before + 2);
    expect(() => dropped!.data).toThrow('disposed');
    expect([...kept.data, ...list[0].data, ...outside.data]).toEqual([3, 4, 1]);
  });

  test('nests, and frees also when it throws', () => {
    const before = regard.memory().tensors;
    const inner = regard.scope(() => {
      regard.tensor([1]);
      return regard.scope(() => [regard.tensor([2]), regard.tensor([3])][1]!);
    });
    expect([...inner.data]).toEqual([3]);
    inner.dispose();
    const fails = () => {
      regard.tensor([1]);
      throw new RangeError('mine');
    };
    expect(() => regard.scope(fails)).toThrow('mine');
    expect(regard.memory().tensors).toBe(before);
  });

  test('refuses a promise, and frees what was made until then', async () => {
    const before = regard.memory().tensors;
    const slow = () => Promise.resolve(regard.tensor([1]));
    expect(await failure(() => regard.scope(slow))).toBe(
      'ValueError: scope: the function returned a promise, expected one that works at once',
    );
    expect(regard.memory().tensors).toBe(before);
  });
});

describe('an engine', () => {
  test('that was disposed of says so', async () => {
    const other = await startLab();
    const tensor = other.tensor([1]);
    other.dispose();
    other.dispose();
    const gone = 'DisposedError: regard: the engine was disposed of';
    expect(await failure(() => other.tensor([1]))).toBe(gone);
    expect(await failure(() => other.memory())).toBe(gone);
    expect(await failure(() => tensor.data)).toBe(gone);
    tensor.dispose();
  });

  test('does not take the tensors of another', async () => {
    const other = await startLab();
    const tensor = other.tensor([1], [1, 1, 1, 1]);
    expect(await failure(() => regard.attention(tensor, tensor, tensor))).toBe(
      'ValueError: attention: queries: of another engine',
    );
    other.dispose();
  });

  test('that ran out of memory says so from then on, and load() gives a fresh one', async () => {
    const full = await startLab();
    // Addressable, but more than the engine's memory may grow to; these zeros take no room here.
    const values = new Float32Array(2 ** 29 - 1);
    expect(await failure(() => full.tensor(values))).toMatch(
      /^OutOfMemoryError: tensor: \d+ bytes are not to be had$/,
    );
    const poisoned =
      'PoisonedError: the engine ran out of memory and cannot go on; load() gives a fresh one';
    expect(await failure(() => full.tensor([1]))).toBe(poisoned);
    expect(await failure(() => full.memory())).toBe(poisoned);
    full.dispose();
    const fresh = await startLab();
    expect(fresh.tensor([1]).toArray()).toEqual([1]);
    fresh.dispose();
  });
});
