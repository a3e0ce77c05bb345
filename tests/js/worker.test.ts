// SPDX-License-Identifier: MIT
// The same API with the engine in a Worker.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Regard, WorkerRegard } from '../../bindings/js/index.node.js';
import { load } from '../../bindings/js/index.node.js';
import { build, failure, start, threads } from './engine.js';
import { marianFiles } from './marian.js';
import { random } from './reference.js';

let here: Regard;
let there: WorkerRegard;
beforeAll(async () => {
  here = await start();
  there = await load({ build, threads, worker: true });
});
afterAll(() => {
  here.dispose();
  there.dispose();
});

describe('an engine in a Worker', () => {
  test('runs the same build and gives the same attention', async () => {
    expect(there.build).toBe(build);
    expect(there.threads).toBe(threads);
    const q = random(1, 2, 2, 3, 4);
    const options = { causal: 'top-left', weights: true } as const;
    const [near, far] = [here.attention(q, q, q, options), await there.attention(q, q, q, options)];
    expect(far.output.toArray()).toEqual(near.output.toArray());
    expect(far.weights!.toArray()).toEqual(near.weights!.toArray());
    far.output.dispose();
    expect(() => far.output.data).toThrow('disposed');
    expect((await there.memory()).tensors).toBe(0);
  });

  test('has no laboratory', async () => {
    expect(await failure(() => load({ worker: true, lab: true }))).toBe(
      'ValueError: load: lab and worker exclude each other: the laboratory answers at once',
    );
  });

  test('leaves the tensors that it is given as they were', async () => {
    const tensor = there.tensor(random(2, 1, 1, 2, 2));
    await there.attention(tensor, tensor, tensor);
    expect(tensor.data).toHaveLength(4);
    expect(there.scope(() => tensor)).toBe(tensor);
  });

  test('translates alike, with progress', async () => {
    const files = marianFiles();
    const near = await here.translator(files);
    const far = await there.translator(files);
    expect(far).toMatchObject({ name: near.name, layers: 2, decoderLayers: 3, heads: 4 });
    expect(far.config).toEqual(near.config);

    const options = { attention: true, nBest: 2 };
    const growth: string[] = [];
    const onProgress = ({ text }: { text: string }) => growth.push(text);
    expect(await far.translate('Tom runs.', { ...options, onProgress })).toEqual(
      await near.translate('Tom runs.', options),
    );
    expect(growth.length).toBeGreaterThan(1);
    expect(await far.translate(['Tom.', ''])).toEqual(await near.translate(['Tom.', '']));
    expect(await far.tokenize('Tom.')).toEqual(await near.tokenize('Tom.'));
    expect(await far.selfAttention('Tom.')).toEqual(await near.selfAttention('Tom.'));

    const interventions = [{ where: 'cross', layer: 1, head: 0, values: there.tensor(0) }] as const;
    const changed = { interventions, target: 'Tom.' };
    expect(await far.translate('Tom runs.', changed)).toEqual(
      await near.translate('Tom runs.', changed),
    );
    const [seen, expected] = [
      await far.trace('Tom runs.', changed),
      await near.trace('Tom runs.', changed),
    ];
    expect(seen.steps).toEqual(expected.steps);
    expect(seen.step('cross', 1, 'context')).toEqual(expected.step('cross', 1, 'context'));
    expect(await far.influence('Tom runs.')).toEqual(await near.influence('Tom runs.'));
    const weights = seen.step('encoder', 0, 'weights');
    expect(await there.measures.entropy(weights)).toEqual(here.measures.entropy(weights));
    expect(await there.measures.kendallTau([1, 2], [2, 1])).toBe(-1);

    near.dispose();
    far.dispose();
    expect(await failure(() => far.tokenize('Tom.'))).toBe(
      'DisposedError: translator: it was disposed of',
    );
  });

  test('reports errors by class and sentence', async () => {
    expect(await failure(() => there.attention([1], [1], [1]))).toBe(
      'ShapeError: attention: queries are (1), expected two to four axes',
    );
    expect(await failure(() => there.translator({}))).toBe(
      'FormatError: model: config.json is missing',
    );
    expect(await failure(() => load({ worker: true, build: 'fast' as 'simd' }))).toMatch(
      /^ValueError: load: build is "fast"/,
    );
  });

  test('stops a translation when aborted, and answers at once', async () => {
    const translator = await there.translator(marianFiles());
    const many = Array.from({ length: 5000 }, (_, i) => `Tom chases Jerry for ${i} days.`);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    expect(await failure(() => translator.translate(many, controller))).toMatch(/^AbortError/);
    // The Worker has let go of the search as well, or this would wait for all of it.
    const begin = performance.now();
    await translator.translate('Tom.');
    expect(performance.now() - begin).toBeLessThan(2000);
    translator.dispose();
  });

  test('frees a model that was given up while it was opened', async () => {
    const { used } = await there.memory();
    const controller = new AbortController();
    const opening = failure(() => there.translator(marianFiles(), controller));
    controller.abort();
    // Asked after the model and before the page hears of it, so that it is there.
    const during = there.memory();
    expect(await opening).toBe('AbortError: This operation was aborted');
    expect((await during).used).toBeGreaterThan(used + 200_000);
    expect((await there.memory()).used).toBeLessThan(used + 4096);
  });

  test('that was disposed of says so', async () => {
    const other = await load({ build, threads, worker: true });
    const translator = await other.translator(marianFiles('relu'));
    const running = failure(() => translator.translate('Tom.'));
    other.dispose();
    const gone = 'DisposedError: regard: the engine was disposed of';
    expect(await running).toBe(gone);
    expect(await failure(() => other.memory())).toBe(gone);
    expect(await failure(() => other.tensor([1]))).toBe(gone);
    translator.dispose();
  });
});
