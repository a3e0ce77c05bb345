// SPDX-License-Identifier: MIT
// Each option of attention does what its comment says; how conventions differ is in
// conventions.test.ts, and all of them together in the sweep.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  AttentionOptions,
  Lab,
  TensorLike,
  WorkerRegard,
} from '../../bindings/js/index.node.js';
import { load } from '../../bindings/js/index.node.js';
import { build, failure, startLab } from './engine.js';
import { greatestDifference, random } from './reference.js';

let regard: Lab;
let remote: WorkerRegard;
beforeAll(async () => {
  regard = await startLab();
  remote = await load({ build, worker: true });
});
afterAll(() => {
  regard.dispose();
  remote.dispose();
});

// Three queries and keys whose scores are all 0, so that weights say what is seen.
const zero = [[0], [0], [0]];
const values = [[1], [10], [100]];

/** The weights of queries that see keys alike: a third each of three. */
function weights(options: AttentionOptions, q: TensorLike = zero): unknown {
  return regard.scope(() =>
    regard.attention(q, zero, values, { ...options, weights: true }).weights!.toArray(),
  );
}

const third = Math.fround(1 / 3);
const all = [third, third, third];
const [first, last] = [
  [1, 0, 0],
  [0, 0, 1],
];
const [left, right] = [
  [0.5, 0.5, 0],
  [0, 0.5, 0.5],
];

// prettier-ignore
const seen: [string, AttentionOptions, unknown][] = [
  ['nothing', {}, [all, all, all]],
  ['causal', { causal: true }, [first, left, all]],
  ['causal none', { causal: 'none' }, [all, all, all]],
  ['causal top-left', { causal: 'top-left' }, [first, left, all]],
  ['causal by an offset', { causal: 1 }, [left, all, all]],
  ['an offset before all keys', { causal: -1 }, [[0, 0, 0], first, left]],
  ['a window', { window: 1 }, [left, all, right]],
  ['a window to the left', { window: [0, Infinity] }, [all, right, last]],
  ['a window from an origin', { window: 0, origin: 2 }, [last, [0, 0, 0], [0, 0, 0]]],
  ['a mask of booleans', { mask: [[true, false, false], [true, true, false], [true, true, true]] }, [first, left, all]],
  ['a mask of numbers', { mask: [[1, 0, 0], [1, 1, 0], [1, 1, 1]] }, [first, left, all]],
  ['a mask that hides', { convention: 'torch-mha', mask: [[0, 1, 1], [0, 0, 1], [0, 0, 0]] }, [first, left, all]],
  ['a bias', { bias: [[0, -Infinity, -Infinity], [0, 0, -Infinity], [0, 0, 0]] }, [first, left, all]],
  ['a mask of keys', { keyMask: [true, false, false] }, [first, first, first]],
  ['key lengths', { keyLengths: [2] }, [left, left, left]],
  ['key lengths of each query', { keyLengths: [[1, 2, 3]] }, [first, left, all]],
  ['the same in one list', { keyLengths: [1, 2, 3] }, [first, left, all]],
  ['query lengths', { queryLengths: [1] }, [all, [0, 0, 0], [0, 0, 0]]],
  ['an empty row of NaN', { causal: -1, emptyRow: 'nan' }, [[NaN, NaN, NaN], first, left]],
  ['an empty row of softmax', { causal: -1, emptyRow: 'softmax', maskValue: -1e9 }, [all, first, left]],
];

describe('what a query sees with', () => {
  test.each(seen)('%s', (_, options, expected) => {
    expect(weights(options)).toEqual(expected);
  });

  test('its last key at the last query', () => {
    expect(weights({ causal: 'bottom-right' }, [[0], [0]])).toEqual([left, all]);
    expect(weights({ causal: 'last-key', keyLengths: [2] }, [[0], [0]])).toEqual([first, left]);
  });
});

describe('attention', () => {
  test('splits heads, and shares keys among neighbours', () => {
    regard.scope(() => {
      const [q, k, v] = [random(1, 2, 3, 8), random(2, 2, 5, 4), random(3, 2, 5, 6)];
      const split = regard.attention(q, k, v, { heads: 4, kvHeads: 2 });
      const heads = (x: unknown, H: number) =>
        regard
          .tensor(x as number[])
          .reshape(2, -1, H, (x as number[][][])[0]![0]!.length / H)
          .transpose(1, 2);
      const four = regard.attention(heads(q, 4), heads(k, 2), heads(v, 2));
      expect(split.output.toArray()).toEqual(four.output.transpose(1, 2).flatten(2).toArray());
      const other = regard.attention(
        heads(q, 4).transpose(1, 2),
        heads(k, 2).transpose(1, 2),
        heads(v, 2).transpose(1, 2),
        { layout: 'blhd' },
      );
      expect(other.output.flatten(2).toArray()).toEqual(split.output.toArray());
    });
  });

  test('continues from a cache as if it had seen everything at once', () => {
    regard.scope(() => {
      const x = regard.tensor(random(4, 1, 2, 5, 3));
      const whole = regard.attention(x, x, x, { causal: true });
      const past = x.slice(2, 0, 3);
      const next = x.slice(2, 3);
      const step = regard.attention(next, next, next, {
        causal: true,
        pastKey: past,
        pastValue: past,
      });
      // The same products; sums over other tiles may round otherwise.
      expect(
        greatestDifference(step.output.toArray(), whole.output.slice(2, 3).toArray()),
      ).toBeLessThan(1e-6);
      expect(step.presentKey!.toArray()).toEqual(x.toArray());
      expect(step.presentValue!.toArray()).toEqual(x.toArray());
    });
  });

  test('returns the steps that it is asked for', () => {
    regard.scope(() => {
      const q = [[1], [2]];
      const steps = regard.attention(q, q, q, {
        softcap: 2,
        causal: true,
        return: ['raw', 'capped', 'masked', 'weights'],
      });
      expect(steps.raw!.toArray()).toEqual([
        [1, 2],
        [2, 4],
      ]);
      const capped = [1, 2, 2, 4].map((x) => 2 * Math.tanh(x / 2));
      expect(greatestDifference([...steps.capped!.data], capped)).toBeLessThan(1e-6); // a few roundings of 2
      expect(steps.masked!.at(0, 1).item()).toBe(-Infinity);
      expect(steps.weights!.at(0).toArray()).toEqual([1, 0]);
      expect(Object.keys(regard.attention(q, q, q))).toEqual(['output']);
    });
  });

  test('runs on from edits', () => {
    regard.scope(() => {
      const off = regard.attention(zero, zero, values, {
        edits: [{ stage: 'context', row: 1, values: 0 }],
      });
      expect(off.output.at(1).item()).toBe(0);
      expect(off.output.at(0).item()).not.toBe(0);
      const row = regard.attention(zero, zero, values, {
        edits: [
          { stage: 'weights', row: 0, values: [0, 0, 1] },
          { stage: 'values', row: 2, values: [7] },
        ],
      });
      expect(row.output.at(0).item()).toBe(7);
    });
  });

  test('knows other scores and alignments', () => {
    regard.scope(() => {
      const q = [[3, 4]];
      const k = [
        [6, 8],
        [4, -3],
      ];
      const raw = (options: AttentionOptions) =>
        regard.attention(q, k, k, { ...options, return: ['raw'] }).raw!.toArray();
      expect(raw({ score: 'dot' })).toEqual([[50, 0]]);
      // 24 / 25 - 24 / 25 is not quite 0 where a product is not rounded before it is added
      const [[along, across]] = raw({ score: 'cosine' }) as [[number, number]];
      expect(along).toBeCloseTo(1, 6);
      expect(across).toBeCloseTo(0, 6);
      expect(
        raw({
          score: 'general',
          scoreParameters: {
            query: [
              [1, 0],
              [0, 0],
            ],
          },
        }),
      ).toEqual([[18, 12]]);
      const additive = raw({
        score: 'additive',
        scoreParameters: { query: [[1, 0]], key: [[0, 0]], vector: [2] },
      }) as number[][];
      expect(greatestDifference(additive, [[2 * Math.tanh(3), 2 * Math.tanh(3)]])).toBeLessThan(
        1e-6,
      ); // a few roundings of 2
      const hard = regard.attention(q, k, k, { alignment: 'hard', weights: true });
      expect(hard.weights!.toArray()).toEqual([[1, 0]]);
      const local = regard.attention(zero, zero, values, {
        alignment: 'local-m',
        alignmentOptions: { radius: 1 },
        weights: true,
      });
      expect(local.weights!.toArray()).toEqual([left, all, right]);
    });
  });

  test('drops weights by a seed', () => {
    regard.scope(() => {
      const x = random(5, 1, 1, 20, 4);
      const dropped = (seed: number) =>
        regard.attention(x, x, x, { dropout: 0.5, seed, weights: true }).weights!.toArray();
      expect(dropped(1)).toEqual(dropped(1));
      expect(dropped(1)).not.toEqual(dropped(2));
    });
  });

  test('in a Worker takes and gives the same, as plain numbers', async () => {
    const options: AttentionOptions = {
      mask: [
        [true, true, false],
        [true, true, true],
        [false, true, true],
      ],
      pastKey: remote.tensor([[[[0.5]]]]),
      pastValue: [[[[2]]]],
      softcap: 3,
      window: [Infinity, 1],
      return: ['raw', 'weights'],
      score: 'additive',
      scoreParameters: { vector: [2] },
      edits: [{ stage: 'values', row: 0, values: [5] }],
    };
    const past = {
      ...options,
      mask: [
        [1, 1, 1, 0],
        [1, 1, 1, 1],
        [1, 0, 1, 1],
      ],
    };
    const [q, v] = [[[[[1], [2], [3]]]], [[[[1], [10], [100]]]]].map((x) => x[0]!);
    const near = regard.attention(q!, q!, v!, past);
    const far = await remote.attention(q!, q!, v!, past);
    expect(Object.keys(far)).toEqual(['output', 'raw', 'weights', 'presentKey', 'presentValue']);
    for (const [name, tensor] of Object.entries(far)) {
      expect(tensor).toMatchObject({
        shape: near[name as 'output'].shape,
        data: near[name as 'output'].data,
      });
    }
  });
});

const q = [
  [1, 2],
  [3, 4],
];
// prettier-ignore
const refused: [string, object, TensorLike?][] = [
  ["ValueError: attention: unknown option 'maks'", { maks: 1 }],
  ["ValueError: attention: unknown option 'scoreParameters.w'", { scoreParameters: { w: 1 } }],
  ["ValueError: attention: alignmentOptions: unknown option 'width'", { alignmentOptions: { width: 1 } }],
  ["ValueError: attention: edit: unknown option 'rows'", { edits: [{ stage: 'raw', rows: 1, values: 0 }] }],
  ['ValueError: attention: causal is "left", expected one of \'top-left\', \'bottom-right\', \'last-key\', \'cache\'', { causal: 'left' }],
  ['ValueError: attention: causal is 0.5, expected a whole number', { causal: 0.5 }],
  ['ValueError: attention: causal is "top-left", expected true or false beside an origin', { causal: 'top-left', origin: 'cache' }],
  ["ValueError: attention: causal with 2 queries and 3 keys could begin at either end: say its origin, 'top-left' or 'bottom-right'", { causal: true }, [[1, 2], [3, 4], [5, 6]]],
  ['ValueError: attention: convention is "numpy", expected one of \'none\', \'onnx-23\', \'onnx-24\', \'onnx-25\', \'torch\', \'torch-mha\', \'keras\', \'keras-attention\', \'jax\', \'d2l\', \'onnx\'', { convention: 'numpy' }],
  ['ValueError: attention: scale is "wide", expected a number', { scale: 'wide' }],
  ['ValueError: attention: scale is inf, expected a finite number', { scale: Infinity }],
  ['ValueError: attention: softcap is -1, expected 0 or more', { softcap: -1 }],
  ['ValueError: attention: dropout is 1, expected 0 to below 1', { dropout: 1 }],
  ['ValueError: attention: keyLengths is 0.5, expected a whole number', { keyLengths: [0.5] }],
  ['ValueError: attention: keyLengths is no array', { keyLengths: 1 }],
  ['ValueError: attention: keyLengths is [], expected a length for each batch entry', { keyLengths: [] }],
  ['ValueError: attention: key lengths hold 5, expected 0 to 2', { keyLengths: [5] }],
  ['ValueError: attention: keyLengths: ragged, not all rows are equally long', { keyLengths: [[1, 2], [1]] }],
  ['ValueError: attention: keyLengths: ragged, not all rows are equally long', { keyLengths: [[1], 2] }],
  ['ValueError: attention: key lengths are of 2 batch entries, expected 1', { keyLengths: [[1], [2]] }],
  ['ShapeError: attention: the mask is (2), expected (2, 2)', { mask: [1, 1] }],
  ['ShapeError: attention: the bias is (1, 3), expected (2, 2)', { bias: [[1, 1, 1]] }],
  ['ShapeError: attention: the key mask is (2, 2), expected (2)', { keyMask: q }],
  ['ValueError: attention: scale is -1, expected 0 or more: ONNX multiplies queries and keys by its square root', { convention: 'onnx', scale: -1 }],
  ['ValueError: attention: no query has a key in the window of 0 before and 0 after', { window: 0, origin: 7 }],
  ['ValueError: attention: the window is 5 before and -3 after, expected 0 or more, or -1 for all', { window: [5, -3] }],
  ['ValueError: attention: ONNX has windows from opset 25 on', { convention: 'onnx-24', window: 1 }],
  ['ValueError: attention: PyTorch takes a mask or causal, not both', { convention: 'torch', causal: true, mask: q }],
  ['ValueError: attention: window is [1,2,3], expected [left, right]', { window: [1, 2, 3] }],
  ['ValueError: attention: seed is -1, expected a whole number from 0', { seed: -1 }],
  ["ValueError: attention: return holds 'score', expected 'raw', 'capped', 'masked' or 'weights'", { return: ['score'] }],
  ['ValueError: attention: past keys without past values', { pastKey: [[[[1, 2]]]] }],
  ['ValueError: attention: mask: found string, expected numbers', { mask: [['a']] }],
  ['ValueError: attention: bias: found boolean, expected numbers', { bias: [[true]] }],
  ['ValueError: attention: scale is a function', { scale: () => 1 }],
  ['ValueError: attention: heads is 3000000000, expected a whole number below 2^31', { heads: 3e9 }],
  ['ValueError: attention: scoreParameters is no object', { scoreParameters: null }],
  ['ValueError: attention: edit 0 is no object', { edits: [null] }],
  ['ShapeError: attention: an edit has 0 values, expected 1 or 2', { edits: [{ stage: 'raw' }] }],
  ['ShapeError: attention: keys are (2, 3), expected (2, 2)', {}, [[1, 2, 3], [4, 5, 6]]],
  ['ShapeError: attention: queries are (2, 2): 3 heads do not divide a width of 2', { heads: 3 }],
];

describe('attention refuses', () => {
  test.each(refused)('%s', async (sentence, options, keys = q) => {
    const before = regard.memory();
    expect(await failure(() => regard.attention(q, keys, keys, options))).toBe(sentence);
    expect(regard.memory().tensors).toBe(before.tensors);
    expect(await failure(() => remote.attention(q, keys, keys, options))).toBe(sentence);
  });

  test('options that cannot be read, and sizes that cannot be', async () => {
    const cycle: Record<string, unknown> = {};
    cycle['scale'] = cycle;
    for (const options of [cycle, { scale: 1n }]) {
      expect(await failure(() => regard.attention(q, q, q, options as object))).toMatch(
        /^ValueError: attention: the options cannot be read \(/,
      );
    }
    const long = { shape: [1, 1, 30000, 1], data: new Float32Array(30000) };
    expect(await failure(() => regard.attention(long, long, long, { weights: true }))).toMatch(
      /^OutOfMemoryError: .*more than this host can address$/,
    );
    // and goes on, since nothing has been tried
    expect(regard.tensor([1]).toArray()).toEqual([1]);
  });
});
