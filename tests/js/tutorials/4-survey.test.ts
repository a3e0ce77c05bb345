// SPDX-License-Identifier: MIT
// Tutorial 4, the long survey: its three stages, its three scores and its worked example.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lab, Tensor } from '../../../bindings/js/index.node.js';
import { startLab } from '../engine.js';
import { expectClose, golden } from './golden.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

describe('tutorial 4', () => {
  // Figure 10: similarity, normalization, weighted sum.
  test('28: three stages, whatever the score', () => {
    const [q, k, v] = [3, 5, 5].map((rows, seed) => regard.randn([rows, 4], { seed }));
    const stages = (similarity: Tensor) => similarity.softmax().matmul(v!);

    const dot = q!.matmul(k!.T);
    expectClose(regard.attention(q!, k!, v!, { score: 'dot' }).output, stages(dot));

    const length = (x: Tensor) => x.mul(x).sum(-1, { keep: true }).sqrt();
    const cosine = dot.div(length(q!)).div(length(k!).T);
    expectClose(regard.attention(q!, k!, v!, { score: 'cosine' }).output, stages(cosine));

    const [w, u] = [1, 2].map((seed) => regard.randn([6, 4], { seed: 10 + seed }));
    const vector = regard.randn([6], { seed: 13 });
    const hidden = q!.matmul(w!.T).unsqueeze(1).add(k!.matmul(u!.T)).tanh();
    const perceptron = hidden.matmul(vector);
    const { output } = regard.attention(q!, k!, v!, {
      score: 'additive',
      scoreParameters: { query: w!, key: u!, vector },
    });
    expectClose(output, stages(perceptron));
  });

  test('28: the cosine is PyTorch’s', () => {
    const [q, k] = [golden('cosine', 'q'), golden('cosine', 'k')];
    const { weights } = regard.attention(q, k, k, { score: 'cosine', weights: true });
    expectClose(weights!, golden('cosine', 'weights'));
  });

  // Tom, Chase, Jerry: scores whose softmax is the example's distribution give it back, and the
  // context is that mean of the words' vectors.
  test.each([
    ['杰瑞', [0.3, 0.2, 0.5]],
    ['汤姆', [0.6, 0.2, 0.2]],
  ])('30: the worked example of %s', (_, distribution) => {
    const words = regard.tensor([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    const query = [distribution.map(Math.log)];
    const { output, weights } = regard.attention(query, words, words, {
      score: 'dot',
      weights: true,
    });
    for (const tensor of [output, weights!]) {
      distribution.forEach((share, i) => expect(tensor.at(0, i).item()).toBeCloseTo(share, 6));
    }
  });

  test('30: one query is a soft address: nearer keys, more of their value', () => {
    const keys = [[0], [1], [2]];
    const at = (place: number, sharpness: number) =>
      regard
        .attention(
          [[2 * sharpness * place, -sharpness]],
          keys.map(([key]) => [key!, key! ** 2]),
          [[10], [20], [30]],
          { score: 'dot' },
        )
        .output.item();
    expect(at(1, 50)).toBeCloseTo(20, 4);
    expect(at(2, 50)).toBeCloseTo(30, 4);
    expect(at(1.5, 50)).toBeCloseTo(25, 4);
  });
});
