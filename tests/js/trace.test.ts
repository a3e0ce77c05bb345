// SPDX-License-Identifier: MIT
// Looking inside of a small random model and changing it there.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Intervention,
  Lab,
  TensorData,
  TraceStage,
  Translation,
  Translator,
  Where,
} from '../../bindings/js/index.node.js';
import { failure, startLab } from './engine.js';
import { marianFiles } from './marian.js';

const text = 'Tom chases Jerry.';
const target = 'Tom had.';
const stages: TraceStage[] = [
  'queries',
  'keys',
  'values',
  'raw',
  'capped',
  'masked',
  'weights',
  'context',
  'output',
];

let regard: Lab;
let translator: Translator;
let plain: Translation;
let score: number; // without the attention, whose sums run in another order
beforeAll(async () => {
  regard = await startLab();
  translator = await regard.translator(marianFiles());
  plain = await translator.translate(text, { attention: true });
  score = (await translator.translate(text)).score;
});
afterAll(() => regard.dispose());

// Weights are at most 1, log-probabilities below 32, after five layers whose sums run in another
// order at once than step by step.
const tolerance = 1e-5;

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

function ids({ target: { pieces } }: Translation): number[] {
  return pieces.map((piece) => piece.id);
}

/** Layer `layer` of (layers, …). */
function layerOf({ shape, data }: TensorData, layer: number): Float32Array {
  const count = data.length / shape[0]!;
  return data.subarray(layer * count, (layer + 1) * count);
}

const cases: [string, Intervention[]][] = [
  ['a head of the encoder is off', [{ where: 'encoder', layer: 0, head: 1, values: 0 }]],
  ['all heads of a layer are off', [{ where: 'cross', layer: 2, values: 0 }]],
  ['a source value', [{ where: 'cross', layer: 1, stage: 'values', row: 0, values: 3 }]],
  [
    'a row of the decoder',
    [{ where: 'decoder', layer: 0, stage: 'weights', row: 1, values: [0.2, 0.8] }],
  ],
  [
    'all scores of a step',
    [{ where: 'cross', layer: 0, stage: 'masked', row: 2, head: 3, values: -Infinity }],
  ],
];

describe('trace', () => {
  test('has every step of every attention, with its shape', async () => {
    const { decoderLayers, heads, layers } = translator;
    const trace = await translator.trace(text, { target });
    const [S, T, D] = [trace.source.pieces.length, trace.target.pieces.length, 32 / heads];
    expect(trace.text).toBe(target);
    expect(trace.source).toEqual(plain.source);
    expect(trace.logProbabilities).toHaveLength(T);
    expect(Object.keys(trace.steps)).toHaveLength(9 * (layers + 2 * decoderLayers));

    const places: [Where, number, number, number][] = [
      ['encoder', layers, S, S],
      ['decoder', decoderLayers, T, T],
      ['cross', decoderLayers, T, S],
    ];
    for (const [where, count, L, keys] of places) {
      for (let layer = 0; layer < count; ++layer) {
        for (const stage of stages) {
          const expected: Partial<Record<TraceStage, number[]>> = {
            queries: [heads, L, D],
            keys: [heads, keys, D],
            values: [heads, keys, D],
            context: [heads, L, D],
            output: [L, 32],
          };
          expect(trace.step(where, layer, stage).shape).toEqual(
            expected[stage] ?? [heads, L, keys],
          );
        }
      }
    }
    expect(trace.steps['decoder.2.cross.weights']).toBe(trace.step('cross', 2, 'weights'));
    expect(() => trace.step('cross', 3, 'weights')).toThrow(
      'trace: there is no step decoder.3.cross.weights',
    );
  });

  test.each([['nothing is changed', []], ...cases])(
    'has the weights that translate reports: %s',
    async (_, interventions: Intervention[]) => {
      const found = await translator.translate(text, { attention: true, interventions });
      const trace = await translator.trace(text, { interventions, stages: ['weights'] });
      expect(trace.target).toEqual(found.target);
      const { encoder, decoder, cross } = found.attention!;
      const sides = [
        ['encoder', encoder],
        ['decoder', decoder],
        ['cross', cross],
      ] as const;
      for (const [where, weights] of sides) {
        for (let layer = 0; layer < weights.shape[0]!; ++layer) {
          const { data } = trace.step(where, layer, 'weights');
          expect(difference(data, layerOf(weights, layer))).toBeLessThan(tolerance);
        }
      }
    },
  );

  test('keeps the stages that are asked for', async () => {
    const trace = await translator.trace(text, { target, stages: ['context', 'raw'] });
    const ends = new Set(Object.keys(trace.steps).map((name) => name.split('.').at(-1)));
    expect(ends).toEqual(new Set(['raw', 'context']));
    expect((await translator.trace(text, { target, stages: [] })).steps).toEqual({});
  });

  test('shows what an intervention made, and what followed', async () => {
    const values = Array.from({ length: 8 }, (_, i) => i / 4);
    const change = { where: 'cross', layer: 1, head: 2, row: 3, values } as const;
    const [before, after] = await Promise.all([
      translator.trace(text, { target }),
      translator.trace(text, { target, interventions: [change] }),
    ]);
    const { data, shape } = after.step('cross', 1, 'context');
    const place = (2 * shape[1]! + 3) * 8;
    expect(Array.from(data.subarray(place, place + 8))).toEqual(values);
    const sums = [before, after].map(({ logProbabilities }) => Array.from(logProbabilities));
    expect(difference(sums[0]!.slice(0, 3), sums[1]!.slice(0, 3))).toBeLessThan(1e-4);
    expect(difference(sums[0]!.slice(3), sums[1]!.slice(3))).toBeGreaterThan(1e-3);
  });
});

describe('interventions', () => {
  test('none at all leave every bit as it was', async () => {
    const none = await translator.translate(text, { attention: true, interventions: [] });
    expect(none).toEqual(plain);
  });

  test('that never come leave the search as it was', async () => {
    const never: Intervention = { where: 'decoder', layer: 0, row: 38, values: 5 };
    const found = await translator.translate(text, { interventions: [never] });
    expect([found.text, found.score]).toEqual([plain.text, score]);
  });

  test.each(cases)('change what a search scores as a whole pass does: %s', async (_, changes) => {
    for (const options of [{ beams: 1 }, { beams: 4 }, { beams: 3, prefix: 'the' }, { target }]) {
      const changed = { ...options, interventions: changes };
      const found = await translator.translate(text, changed);
      const trace = await translator.trace(text, { ...changed, stages: [] });
      expect(trace.target.pieces.map((piece) => piece.id)).toEqual(ids(found));
      if ('target' in options) {
        const sum = trace.logProbabilities.reduce((a, b) => a + b, 0);
        const length = trace.logProbabilities.length;
        expect(Math.abs(found.score - sum / length)).toBeLessThan(1e-4);
        const before = await translator.translate(text, options);
        expect(Math.abs(found.score - before.score)).toBeGreaterThan(1e-4);
      }
    }
  });

  test('change self-attention as translate does', async () => {
    const interventions: Intervention[] = [{ where: 'encoder', layer: 0, head: 0, values: 0 }];
    const { attention } = await translator.selfAttention(text, { interventions });
    const found = await translator.translate(text, { attention: true, interventions });
    expect(attention).toEqual(found.attention!.encoder);
    expect(attention).not.toEqual(plain.attention!.encoder);
  });

  test.each<[string, unknown]>([
    ['translate: interventions is no array of objects', 'off'],
    ['translate: interventions is no array of objects', [0]],
    [
      'translate: interventions[0].head is a function',
      [{ where: 'cross', layer: 0, head: () => 1, values: 0 }],
    ],
    [
      `translate: interventions[0]: where is "left", expected one of 'encoder', 'decoder', 'cross'`,
      [{ where: 'left', layer: 0, values: 0 }],
    ],
    ['translate: interventions[0]: where is missing', [{ layer: 0, values: 0 }]],
    ['translate: interventions[0]: layer is missing', [{ where: 'cross', values: 0 }]],
    [
      "translate: interventions[0]: unknown option 'heads'",
      [{ where: 'cross', layer: 0, heads: 1, values: 0 }],
    ],
    [
      'translate: interventions[0]: row is 0.5, expected a whole number',
      [{ where: 'cross', layer: 0, row: 0.5, values: 0 }],
    ],
    ['intervention 0: layer is 3, expected 0 to 2', [{ where: 'cross', layer: 3, values: 0 }]],
    [
      'intervention 0: head is 4, expected 0 to 3',
      [{ where: 'encoder', layer: 1, head: 4, values: 0 }],
    ],
    [
      'intervention 1: row is 64, expected 0 to 63',
      [
        { where: 'decoder', layer: 1, values: 0 },
        { where: 'decoder', layer: 1, row: 64, values: 0 },
      ],
    ],
  ])('are refused: %s', async (sentence, interventions) => {
    const refused = await failure(() =>
      translator.translate(text, { interventions: interventions as Intervention[] }),
    );
    expect(refused).toBe(`ValueError: ${sentence}`);
    expect((await translator.translate(text)).score).toBe(score);
  });

  test('of the wrong width are refused, and of the wrong place', async () => {
    const S = plain.source.pieces.length;
    const wide: Intervention = { where: 'cross', layer: 0, stage: 'weights', values: [1, 2] };
    expect(await failure(() => translator.translate(text, { interventions: [wide] }))).toBe(
      `ShapeError: intervention 0: values are (2), expected (1) or (${S})`,
    );
    expect(await failure(() => translator.selfAttention(text, { interventions: [wide] }))).toBe(
      'ValueError: intervention 0: it is not in the encoder, which alone runs here',
    );
    const late: Intervention = { where: 'cross', layer: 0, row: 9, values: 0 };
    expect(await failure(() => translator.trace(text, { target, interventions: [late] }))).toMatch(
      /^ValueError: intervention 0: row is 9, expected 0 to \d$/,
    );
    expect(await failure(() => translator.trace(text, { stages: ['left' as 'raw'] }))).toBe(
      "ValueError: trace: there is no stage 'left'",
    );
    expect(await failure(() => translator.trace(' '))).toBe(
      'ValueError: trace: the source is empty',
    );
  });

  test('leave nothing behind', async () => {
    const once = async () => {
      await translator.trace(text, { interventions: cases[4]![1] });
      await translator.influence(text, { target });
    };
    await once();
    const before = regard.memory();
    for (let i = 0; i < 10; ++i) await once();
    const after = regard.memory();
    expect(after.tensors).toBe(before.tensors);
    // Lists of free buffers may have moved by a few cache lines.
    expect(Math.abs(after.used - before.used)).toBeLessThan(4096);
  });
});

describe('influence', () => {
  test('is what the target loses with each piece, beside the attention that it got', async () => {
    const found = await translator.influence(text, { target });
    const given = await translator.translate(text, { target, attention: true });
    const T = given.target.pieces.length;
    expect(found.text).toBe(target);
    expect(found.influence).toHaveLength(found.source.pieces.length);
    expect(Math.abs(found.logProbability / T - given.score)).toBeLessThan(1e-4);
    const received = regard.measures.received(given.attention!.cross);
    expect(difference(found.attention, received.data)).toBeLessThan(tolerance);
    expect(found.agreement).toBeCloseTo(
      regard.measures.kendallTau(Array.from(found.influence), Array.from(found.attention)),
      6,
    );
    const own = await translator.influence(text);
    expect(own.target).toEqual(plain.target);
  });

  test('stops when aborted, and refuses what is empty', async () => {
    expect(await failure(() => translator.influence(text, { signal: AbortSignal.abort() }))).toBe(
      'AbortError: This operation was aborted',
    );
    const controller = new AbortController();
    const running = failure(() =>
      translator.influence(text, { target, signal: controller.signal }),
    );
    controller.abort();
    expect(await running).toMatch(/^AbortError/);
    expect(await failure(() => translator.influence(''))).toBe(
      'ValueError: influence: the source is empty',
    );
  });
});

describe('a layer', () => {
  test('gives every step of its attentions, by their places', () => {
    const layer = regard.layer('Transformer', {
      dModel: 8,
      nhead: 2,
      numEncoderLayers: 1,
      numDecoderLayers: 2,
      dimFeedforward: 12,
    });
    regard.scope(() => {
      const [src, tgt] = [regard.randn([1, 4, 8]), regard.randn([1, 3, 8], { seed: 1 })];
      const all = layer.forward({ src, tgt }, { trace: true });
      expect(Object.keys(all)).toHaveLength(1 + 9 * (1 + 2 * 2));
      expect(all['trace.decoder.1.cross.weights']!.shape).toEqual([1, 2, 3, 4]);
      expect(all['trace.encoder.0.self.output']!.shape).toEqual([1, 4, 8]);
      const some = layer.forward({ src, tgt }, { trace: ['weights'] });
      expect(Object.keys(some)).toHaveLength(1 + 5);

      const attention = 'decoder.0.cross';
      const changed = regard.noGrad(() =>
        layer.forward(
          { src, tgt },
          { trace: ['context'], edits: [{ attention, stage: 'context', head: 1, values: 0 }] },
        ),
      );
      const { data } = changed[`trace.${attention}.context`]!;
      expect(Array.from(data.subarray(12))).toEqual(Array.from({ length: 12 }, () => 0));
      expect(difference(changed['output'].data, all['output'].data)).toBeGreaterThan(1e-3);
    });
    layer.dispose();
  });

  test('refuses changes of what is not there, or while gradients are remembered', async () => {
    const layer = regard.layer('MultiHeadAttention', { embedDim: 8, numHeads: 2 });
    const queries = regard.randn([1, 3, 8]);
    const inputs = { queries, keys: queries, values: queries };
    const refused = (edit: object) =>
      failure(() =>
        regard.noGrad(() =>
          layer.forward(inputs, { edits: [{ stage: 'context', values: 0, ...edit }] }),
        ),
      );
    expect(await refused({})).toBe('nothing was thrown');
    expect(await refused({ attention: 'encoder.0.self' })).toBe(
      "ValueError: probe: there is no attention 'encoder.0.self'",
    );
    expect(await refused({ head: 2 })).toMatch(/^ValueError: .*head/);
    expect(await refused({ values: [1, 2, 3] })).toMatch(/^(Shape|Value)Error: /);
    expect(await failure(() => layer.forward(inputs, { edits: [null] as never }))).toBe(
      'ValueError: MultiHeadAttention: edits is no array of objects',
    );
    expect(await refused({ heads: 1 })).toBe("ValueError: layer: edit: unknown option 'heads'");
    expect(
      await failure(() => layer.forward(inputs, { edits: [{ stage: 'context', values: 0 }] })),
    ).toBe('ValueError: attention: edits have no gradient, and the tape records');
    layer.dispose();
    queries.dispose();
  });
});
