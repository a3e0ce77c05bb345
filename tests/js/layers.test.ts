// SPDX-License-Identifier: MIT
// Layers as things: what kinds there are, what lives how long, and what is refused. What they
// compute is in pytorch.test.ts.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lab, LayerKinds, Tensor } from '../../bindings/js/index.node.js';
import { failure, startLab } from './engine.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

const small = { dModel: 4, nhead: 2, dimFeedforward: 8, dropout: 0.5 };
const x = [
  [
    [1, 2, 3, 4],
    [0, 1, 0, -1],
    [2, 2, -2, -2],
  ],
];
const three = { queries: x, keys: x, values: x };

/** One of each kind, by the types of the package: [options, inputs, call]. */
const kinds: {
  [K in keyof LayerKinds]: [
    LayerKinds[K]['options'],
    LayerKinds[K]['inputs'],
    LayerKinds[K]['call']?,
  ];
} = {
  Linear: [{ inFeatures: 4, outFeatures: 2 }, { x }],
  LayerNorm: [{ normalizedShape: 4 }, { x }],
  Embedding: [{ numEmbeddings: 3, embeddingDim: 4, paddingIdx: 0 }, { ids: [[0, 1, 2]] }],
  SinusoidalPositions: [{ order: 'halves' }, { x }, { first: 3 }],
  LearnedPositions: [{ places: 5, width: 4 }, { x }, { first: 2 }],
  RotaryPositions: [{ pairs: 'interleaved' }, { x }],
  AlibiBias: [{ heads: 2 }, {}, { queries: 3, keys: 3 }],
  RelativePositionBias: [{ heads: 2 }, {}, { queries: 3, keys: 3 }],
  RelativeKeys: [{ headDim: 4 }, { queries: [x] }, { keys: 3 }],
  MultiHeadAttention: [
    { embedDim: 4, numHeads: 2, addBiasKv: true, rotary: { width: 2 } },
    { ...three, keyMask: [[true, true, false]] },
    { weights: true, averageWeights: true },
  ],
  SharedProjectionAttention: [
    { embedSize: 4, heads: 2 },
    { values: x, keys: x, query: x },
  ],
  AdditiveAttention: [
    { queryWidth: 4, keyWidth: 4, hiddenWidth: 3 },
    three,
    { return: ['raw', 'weights'] },
  ],
  LuongAttention: [
    { width: 4, score: 'concat', hiddenWidth: 3 },
    { h: x, states: x },
    { weights: true },
  ],
  TransformerEncoderLayer: [small, { src: x }, { causal: true, weights: true }],
  TransformerDecoderLayer: [
    small,
    { tgt: x, memory: x, memoryKeyMask: [[1, 1, 0]] },
    { tgtCausal: true, weights: true },
  ],
  TransformerEncoder: [{ ...small, numLayers: 2 }, { src: x }, { weights: true }],
  TransformerDecoder: [
    { ...small, numLayers: 2, norm: true },
    { tgt: x, memory: x },
    { weights: true },
  ],
  Transformer: [
    { ...small, numEncoderLayers: 1, numDecoderLayers: 1, normFirst: true },
    { src: x, tgt: x },
    { tgtCausal: true },
  ],
};

describe('layers', () => {
  test('are those that the types name', () => {
    expect(regard.layerKinds().map(({ name }) => name)).toEqual(Object.keys(kinds));
    for (const kind of regard.layerKinds()) expect(kind.outputs).not.toBe('');
  });

  test.each(Object.keys(kinds) as (keyof LayerKinds)[])(
    '%s learns and leaves nothing behind',
    (kind) => {
      const before = regard.memory();
      const [options, inputs, call] = kinds[kind];
      regard.scope(() => {
        const layer = regard.layer(kind, options);
        const given = { ...call, training: true, seed: 1 };
        const outputs = Object.values(layer.forward(inputs as never, given)) as Tensor[];
        for (const output of outputs) {
          expect([...output.data].every(Number.isFinite)).toBe(true);
        }
        const parameters = Object.values(layer.parameters);
        expect(parameters.every(({ requiresGrad }) => requiresGrad)).toBe(true);
        if (parameters.length === 0) return;
        // something that every parameter but a bias of keys has a say in
        outputs[0]!.pow(3).sum().backward();
        expect(parameters.some(({ grad }) => grad?.data.some((value) => value !== 0))).toBe(true);
      });
      expect(regard.memory()).toMatchObject({ tensors: before.tensors, recorded: before.recorded });
    },
  );

  test('are the same for the same seed, and other ones for another', () => {
    regard.scope(() => {
      const weights = (seed: number) =>
        regard
          .layer('Linear', { inFeatures: 3, outFeatures: 2 }, { seed })
          .parameters['weight']!.toArray();
      expect(weights(1)).toEqual(weights(1));
      expect(weights(1)).not.toEqual(weights(2));
    });
  });

  test('load a checkpoint whole or not at all', async () => {
    const layer = regard.layer('Linear', { inFeatures: 2, outFeatures: 1 });
    const before = layer.parameters['weight']!.toArray();
    const weight = [[1, 2]];
    expect(await failure(() => layer.load({ weight }))).toBe(
      'ValueError: Linear: the checkpoint lacks bias',
    );
    expect(await failure(() => layer.load({ weight, bias: [1], scale: [1] }))).toBe(
      'ValueError: Linear: the checkpoint has scale, which is no parameter',
    );
    expect(await failure(() => layer.load({ weight, bias: [1, 2] }))).toBe(
      'ShapeError: Linear: bias is (2), expected (1)',
    );
    expect(layer.parameters['weight']!.toArray()).toEqual(before);
    layer.load({ weight, bias: [0.5] });
    expect(layer.parameters['weight']!.toArray()).toEqual(weight);
    expect(layer.forward({ x: [3, 4] }).output.toArray()).toEqual([11.5]);
    layer.dispose();
  });

  test('drop only while they train, by a seed', () => {
    regard.scope(() => {
      const layer = regard.layer('TransformerEncoderLayer', small);
      const run = (call: object) => layer.forward({ src: x }, call).output.toArray();
      expect(run({})).toEqual(run({ seed: 1 }));
      expect(run({ training: true, seed: 1 })).toEqual(run({ training: true, seed: 1 }));
      expect(run({ training: true, seed: 1 })).not.toEqual(run({ training: true, seed: 2 }));
      expect(run({ training: true })).not.toEqual(run({}));
    });
  });

  test('live on with their parameters when a scope returns them', async () => {
    const layer = regard.scope(() => regard.layer('Linear', { inFeatures: 2, outFeatures: 1 }));
    expect(layer.forward({ x: [1, 2] }).output.shape).toEqual([1]);
    const { weight } = layer.parameters;
    layer.dispose();
    layer.dispose();
    expect(await failure(() => weight!.data)).toBe('DisposedError: tensor: it was disposed of');
    expect(await failure(() => layer.forward({ x: [1, 2] }))).toBe(
      'DisposedError: Linear: it was disposed of',
    );
  });

  test.each<[string, () => unknown]>([
    [
      "ValueError: layer: there is no kind 'Lstm'",
      () => regard.layer('Lstm' as 'Linear', {} as never),
    ],
    ['ValueError: Linear: inFeatures is missing', () => regard.layer('Linear', {} as never)],
    [
      "ValueError: Linear: unknown option 'width'",
      () => regard.layer('Linear', { inFeatures: 1, outFeatures: 1, width: 1 } as never),
    ],
    [
      'ValueError: Linear: bias is "no", expected true or false',
      () => regard.layer('Linear', { inFeatures: 1, outFeatures: 1, bias: 'no' } as never),
    ],
    [
      "ValueError: Linear: input 'x' is missing",
      () => regard.layer('Linear', { inFeatures: 1, outFeatures: 1 }).forward({} as never),
    ],
    [
      "ValueError: Linear: there is no input 'y'",
      () =>
        regard
          .layer('Linear', { inFeatures: 1, outFeatures: 1 })
          .forward({ x: [1], y: [1] } as never),
    ],
    [
      "ValueError: Linear: unknown option 'causal'",
      () =>
        regard
          .layer('Linear', { inFeatures: 1, outFeatures: 1 })
          .forward({ x: [1] }, { causal: true } as never),
    ],
  ])('%s', async (sentence, action) => {
    expect(await failure(action)).toBe(sentence);
  });
});
