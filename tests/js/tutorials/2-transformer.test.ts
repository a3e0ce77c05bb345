// SPDX-License-Identifier: MIT
// The code of tutorial 2, a Transformer that is to translate: piece by piece, what its cells do and
// what has to be there instead.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lab, Tensor } from '../../../bindings/js/index.node.js';
import { failure, startLab } from '../engine.js';
import { distance, expectClose, golden } from './golden.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

const M = 8;
const small = { dModel: M, nhead: 2, dimFeedforward: 16, dropout: 0 };

describe('tutorial 2', () => {
  test('19: a linear layer as embedding takes one-hot rows of numbers, not ids', async () => {
    const ids = [3, 1, 4];
    const linear = regard.layer('Linear', { inFeatures: 6, outFeatures: M, bias: false });
    expect(await failure(() => linear.forward({ x: ids }))).toMatch(/^ShapeError: .*\(3\).*6/);
    const { output } = linear.forward({ x: regard.oneHot(ids, 6) });
    expectClose(output, regard.embedding(ids, linear.parameters['weight']!.T));
  });

  test('20: a table of zeros tells no places apart, sinusoids do', () => {
    const x = regard.ones([1, 4, M]);
    const learned = regard.layer('LearnedPositions', { places: 4, width: M });
    learned.load({ weight: regard.zeros([4, M]) });
    const zeros = learned.forward({ x })['output'];
    expect(distance(zeros.at(0, 0), zeros.at(0, 3))).toBe(0);

    const placed = regard.layer('SinusoidalPositions').forward({ x })['output'].sub(x);
    for (const [i, c] of [
      [0, 0],
      [1, 0],
      [1, 1],
      [3, 2],
      [3, 5],
    ] as const) {
      const angle = i / 10000 ** ((2 * Math.floor(c / 2)) / M);
      expect(placed.at(0, i, c).item()).toBeCloseTo(c % 2 ? Math.cos(angle) : Math.sin(angle), 6);
    }
  });

  test('21: positions cut to the length of a (B, 1, 1, S) mask are one row for all places', () => {
    const S = 5;
    const mask = regard.ones([2, 1, 1, S]);
    const table = regard.layer('SinusoidalPositions').forward({ x: regard.zeros([1, S, M]) })[
      'output'
    ];
    const printed = table.slice(1, 0, mask.size(1));
    expect(printed.shape).toEqual([1, 1, M]);
    // one row is broadcast to all: any order of the words is the same sentence
    const x = regard.randn([1, S, M], { seed: 4 });
    const reversed = x.indexSelect(1, [4, 3, 2, 1, 0]);
    const encoder = regard.layer('TransformerEncoderLayer', small);
    const encode = (src: Tensor) => encoder.forward({ src })['output'];
    const turned = (y: Tensor) => y.indexSelect(1, [4, 3, 2, 1, 0]);
    // sums over the keys run in another order: rounding of 5 terms below 4
    expect(distance(turned(encode(reversed.add(printed))), encode(x.add(printed)))).toBeLessThan(
      1e-5,
    );
    const right = table.slice(1, 0, S);
    expect(distance(turned(encode(reversed.add(right))), encode(x.add(right)))).toBeGreaterThan(
      0.01,
    );
  });

  test('22: a decoder that is not told the source’s padding attends to it', () => {
    const layer = regard.layer('TransformerDecoderLayer', small);
    const tgt = regard.randn([1, 3, M], { seed: 5 });
    const memory = regard.randn([1, 4, M], { seed: 6 });
    const padded = regard.concatenate([memory, regard.full([1, 2, M], 9)], 1);
    const memoryKeyMask = [[1, 1, 1, 1, 0, 0]];
    const alone = layer.forward({ tgt, memory })['output'];
    const printed = layer.forward({ tgt, memory: padded })['output'];
    const right = layer.forward({ tgt, memory: padded, memoryKeyMask })['output'];
    expect(distance(printed, alone)).toBeGreaterThan(0.01);
    expect(distance(right, alone)).toBeLessThan(1e-6);
  });

  test('23: without a causal mask and a shift the target is read off its own input', () => {
    const layer = regard.layer('TransformerDecoderLayer', small);
    const memory = regard.randn([1, 4, M], { seed: 7 });
    const tgt = regard.randn([1, 3, M], { seed: 8 });
    const later = regard.concatenate([tgt.slice(1, 0, 2), regard.ones([1, 1, M])], 1);
    const first = (x: Tensor, tgtCausal: boolean) =>
      layer.forward({ tgt: x, memory }, { tgtCausal })['output'].slice(1, 0, 2);
    expect(distance(first(later, false), first(tgt, false))).toBeGreaterThan(0.001);
    expect(distance(first(later, true), first(tgt, true))).toBe(0);
  });

  // A model of one linear layer on the decoder's input: with the labels as input it learns to copy.
  test('23: with the labels as input a model learns to copy, and then predicts nothing', () => {
    const V = 5;
    const train = (shift: number) => {
      const table = regard.parameter(regard.zeros([V, V]));
      const optimizer = regard.adam([table], { rate: 0.1 });
      const sentence = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0];
      const input = sentence.slice(0, sentence.length - shift);
      const labels = sentence.slice(shift);
      for (let step = 0; step < 60; ++step) {
        regard.crossEntropy(regard.embedding(input, table), labels).backward();
        optimizer.step();
      }
      return [...table.argmax(1).data];
    };
    expect(train(0)).toEqual([0, 1, 2, 3, 4]); // each word predicts itself
    expect(train(1)).toEqual([1, 2, 3, 4, 0]); // each word predicts the next
  });

  test('24: the squared error of logits is no loss of a classifier', () => {
    const logits = regard.parameter(golden('loss', 'logits'));
    const targets = golden('loss', 'targets');
    const pad = 6;
    const loss = regard.crossEntropy(logits, targets, { ignore: pad });
    loss.backward();
    expectClose(loss, golden('loss', 'cross_entropy'));
    expectClose(logits.grad!, golden('loss', 'slope'));
    expect([...logits.grad!.at(1).data]).toEqual([0, 0, 0, 0, 0, 0, 0]); // padding does not count

    const again = regard.parameter(golden('loss', 'logits'));
    const wrong = regard.mse(again, regard.oneHot(targets, 7));
    wrong.backward();
    expectClose(wrong, golden('loss', 'mse'));
    expectClose(again.grad!, golden('loss', 'mse_slope'));
    // it punishes a right answer for being sure
    const sure = regard.mse([[9, 0, 0]], [[1, 0, 0]]).item();
    const unsure = regard.mse([[0.4, 0.3, 0.3]], [[1, 0, 0]]).item();
    expect(sure).toBeGreaterThan(unsure);
    expect(regard.crossEntropy([[9, 0, 0]], [0]).item()).toBeLessThan(
      regard.crossEntropy([[0.4, 0.3, 0.3]], [0]).item(),
    );
  });

  test('the cell’s Transformer, put right, learns a task that needs attention', () => {
    // the first word of the source is to be said at every place
    const V = 4;
    const L = 3;
    const sources = [
      [0, 1, 2],
      [1, 2, 3],
      [2, 3, 0],
      [3, 0, 1],
    ];
    const model = regard.layer('Transformer', {
      ...small,
      numEncoderLayers: 1,
      numDecoderLayers: 1,
    });
    const table = regard.parameter(regard.randn([V + 1, M], { seed: 9 }));
    const out = regard.layer('Linear', { inFeatures: M, outFeatures: V });
    const positions = regard.layer('SinusoidalPositions');
    const place = (ids: number[][]): Tensor =>
      positions.forward({ x: regard.embedding(ids, table).mul(Math.sqrt(M)) })['output'];
    const start = V;
    const labels = sources.map(([first]) => [first!, first!, first!]);
    const shifted = labels.map((row) => [start, ...row.slice(0, L - 1)]);
    const logits = (): Tensor => {
      const inputs = { src: place(sources), tgt: place(shifted) };
      return out.forward({ x: model.forward(inputs, { tgtCausal: true })['output'] })['output'];
    };
    const parameters = [
      table,
      ...Object.values(model.parameters),
      ...Object.values(out.parameters),
    ];
    const optimizer = regard.adam(parameters, { rate: 0.01, clipNorm: 1 });
    for (let step = 0; step < 80; ++step) {
      regard.scope(() => regard.crossEntropy(logits(), labels).backward());
      optimizer.step();
    }
    expect(logits().argmax().toArray()).toEqual(labels);
  });
});
