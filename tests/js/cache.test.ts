// SPDX-License-Identifier: MIT
// Decoding step by step: what a cache's steps give is what the layer gives for the whole sequence.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KeyValueCache, Lab, Layer, Tensor } from '../../bindings/js/index.node.js';
import { failure, startLab } from './engine.js';

const [B, L, M] = [2, 7, 24];

let regard: Lab;
let layer: Layer<'MultiHeadAttention'>;
let x: Tensor;
beforeAll(async () => {
  regard = await startLab();
  layer = regard.layer('MultiHeadAttention', { embedDim: M, numHeads: 3 }, { seed: 2 });
  x = regard.tensor(
    Array.from({ length: B * L * M }, (_, i) => Math.sin(1 + i * i)),
    [B, L, M],
  );
});
afterAll(() => regard.dispose());

const places = (from: number, to: number) => x.slice(1, from, to);

/** The whole sequence at once, by the weights of now. */
const whole = () =>
  regard.noGrad(
    () => layer.forward({ queries: x, keys: x, values: x }, { causal: true }).output.data,
  );

// Sums of M products of numbers below 1, in another order: far below 1e-5.
function expectClose(found: Tensor, expected: Float32Array): void {
  expect(found.data).toHaveLength(expected.length);
  found.data.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5));
}

/** The steps that end after these places, side by side. */
function stepped(cache: KeyValueCache, ends: readonly number[]): Tensor {
  const parts = ends.map((end, i) => cache.step(places(ends[i - 1] ?? 0, end)));
  return regard.concatenate(parts, 1);
}

describe('a cache', () => {
  test('steps to what the layer gives for the whole sequence', () => {
    regard.scope(() => {
      for (const ends of [[7], [1, 2, 3, 4, 5, 6, 7], [3, 4, 6, 7]]) {
        const cache = layer.cache({ batch: B, capacity: 1 });
        expectClose(stepped(cache, ends), whole());
        expect([cache.batch, cache.length]).toEqual([B, L]);
      }
    });
  });

  test('has no gradient, and refuses what needs one', async () => {
    const cache = layer.cache({ batch: B });
    const step = cache.step(places(0, 1));
    expect(step.requiresGrad).toBe(false);
    const learned = regard.parameter(places(1, 2).toArray());
    expect(await failure(() => cache.step(learned))).toBe(
      'ValueError: MultiHeadAttention: a step with a cache has no gradient, which x needs: noGrad()',
    );
    expect(cache.length).toBe(1);
    regard.noGrad(() => cache.step(learned));
    expect(cache.length).toBe(2);
    for (const made of [cache, step, learned]) made.dispose();
  });

  test('forgets, and goes on from there with the same bits', () => {
    regard.scope(() => {
      const cache = layer.cache({ batch: B });
      cache.step(places(0, 4));
      const first = cache.step(places(4, 5)).data;
      cache.step(places(0, 3));
      cache.length = 4;
      expect(cache.step(places(4, 5)).data).toEqual(first);
      expect(cache.length).toBe(5);
    });
  });

  test('lets sequences go on, multiply and end', () => {
    regard.scope(() => {
      const cache = layer.cache({ batch: B });
      cache.step(places(0, 4));
      const keys = cache.keys.data;
      const size = 4 * M;
      cache.reorder([1, 0, 1]);
      expect([cache.batch, cache.length]).toEqual([3, 4]);
      expect(cache.keys.shape).toEqual([3, 4, M]);
      const [first, second] = [keys.slice(0, size), keys.slice(size)];
      expect(cache.keys.data).toEqual(Float32Array.of(...second, ...first, ...second));
      cache.reorder([1]);
      expectClose(cache.step(places(4, 5).slice(0, 0, 1)), whole().slice(4 * M, 5 * M));
    });
  });

  test('takes keys and values that are known', () => {
    regard.scope(() => {
      const [from, into] = [layer.cache({ batch: B }), layer.cache({ batch: B })];
      from.step(places(0, 5));
      into.append(from.keys, from.values);
      expect(into.length).toBe(5);
      expect(into.step(places(5, 7)).data).toEqual(from.step(places(5, 7)).data);
    });
  });

  test('sees the weights of now: after load() and after an optimizer', () => {
    regard.scope(() => {
      const adam = regard.adam(Object.values(layer.parameters), { rate: 0.1 });
      const before = whole();
      regard.scope(() => {
        layer.forward({ queries: x, keys: x, values: x }).output.pow(2).sum().backward();
        adam.step();
      });
      const moved = whole();
      expect(moved).not.toEqual(before);
      expectClose(layer.cache({ batch: B }).step(x), moved);

      const halved = Object.entries(layer.parameters).map(([name, one]) => [name, one.mul(0.5)]);
      layer.load(Object.fromEntries(halved) as Record<string, Tensor>);
      expect(whole()).not.toEqual(moved);
      expectClose(layer.cache({ batch: B }).step(x), whole());
    });
  });

  test('refuses what does not fit', async () => {
    const cache = layer.cache({ batch: B });
    const zeros = (...shape: number[]) => regard.zeros(shape);
    const says = (action: () => unknown) => failure(() => regard.scope(action));
    expect(await says(() => cache.step(zeros(B, 1, M + 1)))).toBe(
      'ShapeError: multi_head_attention: queries are (2, 1, 25), expected (B, L, 24) or (L, 24)',
    );
    expect(await says(() => cache.step(zeros(1, 3, M)))).toBe(
      'ShapeError: multi_head_attention: the step is (1, 3, 24), expected (2, 3, 24)',
    );
    expect(await says(() => cache.append(zeros(B, 1, M), zeros(B, 2, M)))).toBe(
      'ShapeError: cache: values are (2, 2, 24), expected (2, 1, 24)',
    );
    expect(await says(() => (cache.length = 1))).toBe(
      'ValueError: cache: length is 1, expected 0 to 0',
    );
    expect(await says(() => cache.reorder([2]))).toBe(
      'ValueError: cache: a parent is 2, expected 0 to 1',
    );
    expect(await says(() => cache.reorder(0 as never))).toBe(
      'ValueError: cache: the parents are no array',
    );
    expect(await says(() => layer.cache({ rows: 2 } as never))).toBe(
      "ValueError: cache: unknown option 'rows'",
    );
    expect(await says(() => layer.cache({ batch: 0 }))).toBe(
      'ValueError: cache: a batch of 0, a width of 24 and room for 64 places, expected at least 1 of each',
    );
    expect(
      await says(() => regard.layer('Linear', { inFeatures: 1, outFeatures: 1 }).cache()),
    ).toBe('ValueError: Linear: there is no step with a cache');
    expect(cache.length).toBe(0);
    cache.dispose();
  });

  test('belongs to one engine and one layer, and can be disposed of', async () => {
    const other = await startLab();
    const own = regard.layer('MultiHeadAttention', { embedDim: 4, numHeads: 2 });
    const [cache, orphan] = [own.cache(), own.cache()];
    expect(await failure(() => cache.step(other.zeros([1, 1, 4])))).toBe(
      'ValueError: layer.step: x: of another engine',
    );
    other.dispose();
    cache.dispose();
    cache.dispose();
    for (const action of [
      () => cache.step([[1, 2, 3, 4]]),
      () => cache.keys,
      () => (cache.length = 0),
    ]) {
      expect(await failure(action)).toBe('DisposedError: cache: it was disposed of');
    }
    own.dispose();
    expect(await failure(() => orphan.step([[1, 2, 3, 4]]))).toBe(
      'DisposedError: MultiHeadAttention: it was disposed of',
    );
    expect(await failure(() => own.cache())).toBe(
      'DisposedError: MultiHeadAttention: it was disposed of',
    );
    orphan.dispose();
  });

  test('leaves the heap where it was', () => {
    const round = () =>
      regard.scope(() => {
        const cache = layer.cache({ batch: B, capacity: 2 });
        stepped(cache, [1, 2, 3, 4, 5, 6, 7]);
        cache.reorder([0, 0, 1]);
      });
    round();
    const before = regard.memory();
    for (let i = 0; i < 50; ++i) round();
    const { heap, used, tensors } = regard.memory();
    expect({ heap, used, tensors }).toEqual({
      heap: before.heap,
      used: before.used,
      tensors: before.tensors,
    });
  });
});
