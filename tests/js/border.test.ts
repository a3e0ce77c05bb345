// SPDX-License-Identifier: MIT
// How values leave the engine, and what it remembers of a call for the next one.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AttentionOptions, Lab, Tensor } from '../../bindings/js/index.node.js';
import { failure, start, startLab, threads } from './engine.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

/** What `body` makes, as numbers. */
function numbers(body: () => Tensor): number[] {
  return regard.scope(() => [...body().data]);
}

describe('copyTo', () => {
  test('writes into the array that it is given, and gives it back', () => {
    const x = regard.tensor([1, 2, 3]);
    const room = new Float32Array(5);
    const out = room.subarray(1, 4);
    expect(x.copyTo(out)).toBe(out);
    expect([...room]).toEqual([0, 1, 2, 3, 0]);
    x.data[0] = 7; // a copy of the caller's own, which says nothing about the tensor
    expect([...x.mul(1).copyTo(out)]).toEqual([1, 2, 3]);
  });

  test('takes numbers of rank 0 and none at all', () => {
    expect([...regard.tensor(4).copyTo(new Float32Array(1))]).toEqual([4]);
    expect(regard.tensor([]).copyTo(new Float32Array(0))).toHaveLength(0);
  });

  test('writes over a view of the tensor itself, and of its neighbours', () => {
    const x = regard.tensor([1, 2, 3, 4]);
    expect([...x.copyTo(x.view())]).toEqual([1, 2, 3, 4]);
    const all = new Float32Array(x.view().buffer);
    const begin = x.view().byteOffset / 4;
    const shifted = all.subarray(begin + 1, begin + 5);
    const last = shifted[3]!;
    x.copyTo(shifted);
    expect([...shifted]).toEqual([1, 2, 3, 4]);
    shifted[3] = last;
  });

  test('works for tensors of the small engine and of a Worker', async () => {
    const small = await start();
    const out = new Float32Array(2);
    expect([...small.tensor([5, 6]).copyTo(out)]).toEqual([5, 6]);
    small.dispose();
  });

  test.each<[string, (x: Tensor) => unknown]>([
    [
      'ShapeError: copyTo: out has 5 elements, expected 6 for the shape (2, 3)',
      (x) => x.copyTo(new Float32Array(5)),
    ],
    [
      'ValueError: copyTo: out is Float64Array, expected a Float32Array',
      (x) => x.copyTo(new Float64Array(6) as never),
    ],
    [
      'ValueError: copyTo: out is Array, expected a Float32Array',
      (x) => x.copyTo([0, 0, 0, 0, 0, 0] as never),
    ],
    [
      'ValueError: copyTo: out is Undefined, expected a Float32Array',
      (x) => x.copyTo(undefined as never),
    ],
  ])('%s', async (sentence, action) => {
    const x = regard.tensor([1, 2, 3, 4, 5, 6], [2, 3]);
    expect(await failure(() => action(x))).toBe(sentence);
    x.dispose();
    expect(await failure(() => action(x))).toBe('DisposedError: tensor: it was disposed of');
  });
});

describe('view', () => {
  test('is the memory of the engine, not a copy', () => {
    const x = regard.tensor([1, 2, 3]);
    const y = regard.tensor([4, 5]);
    expect([...x.view()]).toEqual([1, 2, 3]);
    expect(x.view().buffer).toBe(y.view().buffer);
    expect(x.view().byteOffset).toBe(x.view().byteOffset);
    expect(x.view().byteOffset % 64).toBe(0);
  });

  test('is empty once the memory has grown, and a new one is not', () => {
    const x = regard.tensor([1, 2, 3]);
    const view = x.view();
    const { heap } = regard.memory();
    regard.zeros([heap / 4]).dispose();
    expect(regard.memory().heap).toBeGreaterThan(heap);
    // shared memory grows where it lies
    expect(view).toHaveLength(threads > 1 ? 3 : 0);
    expect([...x.view()]).toEqual([1, 2, 3]);
  });

  test('of a tensor or an engine that is gone is refused', async () => {
    const x = regard.tensor([1]);
    x.dispose();
    expect(await failure(() => x.view())).toBe('DisposedError: tensor: it was disposed of');
    const other = await startLab();
    const y = other.tensor([1]);
    other.dispose();
    const gone = 'DisposedError: regard: the engine was disposed of';
    expect(await failure(() => y.view())).toBe(gone);
    expect(await failure(() => y.copyTo(new Float32Array(1)))).toBe(gone);
  });
});

describe('a call like the last one', () => {
  const x = [
    [1, 5, 2],
    [4, 3, 6],
  ];

  test('is another one when its options have changed inside of the same object', () => {
    const reduce = { keep: true };
    expect(regard.scope(() => regard.tensor(x).max(1, reduce).shape)).toEqual([2, 1]);
    reduce.keep = false;
    expect(regard.scope(() => regard.tensor(x).max(1, reduce).shape)).toEqual([2]);
    const axes = [0];
    expect(numbers(() => regard.tensor(x).sum(axes))).toEqual([5, 8, 8]);
    axes[0] = 1;
    expect(numbers(() => regard.tensor(x).sum(axes))).toEqual([8, 13]);
    const options: AttentionOptions = { causal: false };
    const attend = () =>
      numbers(() => regard.attention([[1], [1]], [[0], [0]], [[2], [4]], options).output);
    expect(attend()).toEqual([3, 3]);
    options.causal = true;
    expect(attend()).toEqual([2, 3]);
    const last = [false, true];
    options.mask = [[true, false], last];
    expect(attend()).toEqual([2, 4]);
    last[0] = true;
    expect(attend()).toEqual([2, 3]);
  });

  test('keeps numbers apart that JSON does not', () => {
    const filled = (value: number) =>
      numbers(() => regard.tensor([1, 2]).maskedFill([true, false], value));
    for (const value of [NaN, Infinity, -Infinity, 0, 3]) {
      expect(filled(value)).toEqual([value, 2]);
      expect(filled(value)).toEqual([value, 2]);
    }
  });

  test('does not lose a tensor that is a single number', async () => {
    const biased = () => regard.attention([[1]], [[1]], [[1]], { bias: 2 });
    for (let i = 0; i < 2; ++i) {
      expect(await failure(biased)).toBe('ShapeError: attention: the bias is (), expected (1, 1)');
    }
  });

  test('fails like the last one, and the one after it works', async () => {
    const tensor = regard.tensor([1, 2]);
    for (let i = 0; i < 3; ++i) {
      expect(await failure(() => tensor.sum(1))).toMatch(/^ValueError: sum: 1 is not/);
      expect(await failure(() => tensor.sum(0, { kept: true } as object))).toBe(
        "ValueError: sum: unknown option 'kept'",
      );
      expect(numbers(() => tensor.sum(0))).toEqual([3]);
    }
  });

  test('is found again after a thousand others, which take its place', () => {
    const layer = regard.layer('Linear', { inFeatures: 1, outFeatures: 1 }, { seed: 1 });
    const through = () => numbers(() => layer.forward({ x: [[2]] }).output);
    const first = through();
    const drawn = numbers(() => regard.rand([3], { seed: 5 }));
    for (let seed = 10; seed < 1010; ++seed) regard.rand([1], { seed }).dispose();
    expect(through()).toEqual(first);
    expect(numbers(() => regard.rand([3], { seed: 5 }))).toEqual(drawn);
    expect(numbers(() => regard.rand([3], { seed: 6 }))).not.toEqual(drawn);
    layer.dispose();
  });
});

describe('a layer', () => {
  const attention = () =>
    regard.layer('MultiHeadAttention', { embedDim: 4, numHeads: 2 }, { seed: 3 });
  const rows = regardless([3, 4]);

  test('gives what it is asked for, whatever it was asked before', () => {
    const layer = attention();
    const inputs = { queries: rows, keys: rows, values: rows };
    const asked = { weights: false, causal: false };
    const names = () => regard.scope(() => Object.keys(layer.forward(inputs, asked)));
    expect(names()).toEqual(['output']);
    asked.weights = true;
    expect(names()).toEqual(['output', 'weights']);
    const above = () =>
      regard.scope(() => layer.forward(inputs, asked).weights!.triu(1).sum().item());
    expect(above()).toBeGreaterThan(0);
    asked.causal = true;
    expect(above()).toBe(0);
    const masked = { ...inputs, keyMask: [true, true, false] };
    const last = () =>
      regard.scope(() => layer.forward(masked, asked).weights!.slice(-1, 2, 3).sum().item());
    expect(last()).toBe(0);
    expect(names()).toEqual(['output', 'weights']);
    expect(regard.scope(() => Object.keys(layer.forward(inputs)))).toEqual(['output']);
    layer.dispose();
  });

  test('may have the number of another kind that is gone', async () => {
    for (const kind of ['LayerNorm', 'Linear', 'LayerNorm'] as const) {
      const layer =
        kind === 'Linear'
          ? regard.layer('Linear', { inFeatures: 4, outFeatures: 2 })
          : regard.layer('LayerNorm', { normalizedShape: 4 });
      expect(regard.scope(() => layer.forward({ x: rows }).output.shape)).toEqual([
        3,
        kind === 'Linear' ? 2 : 4,
      ]);
      layer.dispose();
    }
    const heads = attention();
    expect(await failure(() => heads.forward({ x: rows } as never))).toMatch(
      /^ValueError: MultiHeadAttention: input 'queries' is missing/,
    );
    heads.dispose();
  });

  test('computes with the weights that it has, not with those that it had', () => {
    const layer = regard.layer('Linear', { inFeatures: 2, outFeatures: 1, bias: false });
    const y = () => regard.noGrad(() => numbers(() => layer.forward({ x: [[1, 10]] }).output));
    layer.load({ weight: [[2, 3]] });
    expect(y()).toEqual([32]);
    layer.load({ weight: [[4, 5]] });
    expect(y()).toEqual([54]);
    const sgd = regard.sgd([layer.parameters['weight']!], { rate: 1 });
    regard.scope(() =>
      layer
        .forward({ x: [[1, 0]] })
        .output.sum()
        .backward(),
    );
    sgd.step();
    expect(y()).toEqual([53]);
    expect(numbers(() => layer.forward({ x: [[1, 10]] }).output)).toEqual([53]);
    sgd.dispose();
    layer.dispose();
  });
});

/** Numbers that are all different, of a shape. */
function regardless(shape: readonly number[]): { shape: readonly number[]; data: Float32Array } {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from({ length: count }, (_, i) => Math.sin(7 * i)) };
}
