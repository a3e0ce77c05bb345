// SPDX-License-Identifier: MIT
// What a model's folder says of itself: the heads that align words, and its languages.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { load } from '../../bindings/js/index.node.js';
import type { ModelFiles, Regard, WorkerRegard } from '../../bindings/js/index.node.js';
import { readFacts } from '../../bindings/js/model-facts.js';
import { build, failure, start } from './engine.js';
import { json, marianFiles } from './marian.js';

let here: Regard;
let there: WorkerRegard;
beforeAll(async () => {
  here = await start();
  there = await load({ build, worker: true });
});
afterAll(() => {
  here.dispose();
  there.dispose();
});

/** A model of three decoder layers with four heads each, with fields added to two of its files. */
function model(config: object, tokenizer?: object): ModelFiles {
  const files = marianFiles();
  const known = JSON.parse(new TextDecoder().decode(files['config.json'])) as object;
  files['config.json'] = json({ ...known, ...config });
  if (tokenizer) files['tokenizer_config.json'] = json(tokenizer);
  return files;
}

describe('the heads that align words', () => {
  test.each<[string, object, unknown[]]>([
    ['not said', {}, []],
    ['null', { alignment_heads: null }, []],
    ['none', { alignment_heads: [] }, []],
    ['one head', { alignment_heads: [[2, 3]] }, [[2, 3]]],
    [
      'heads of two layers',
      {
        alignment_heads: [
          [0, 1],
          [2, 0],
        ],
      },
      [
        [0, 1],
        [2, 0],
      ],
    ],
  ])('%s: as config.json has them, here and in a Worker', async (_, config, expected) => {
    for (const regard of [here, there]) {
      const translator = await regard.translator(model(config));
      expect(translator.alignmentHeads).toEqual(expected);
      translator.dispose();
    }
  });

  test.each<[unknown, string]>([
    [7, ' is 7, expected pairs of a layer and a head'],
    ['2.0', ' is "2.0", expected pairs of a layer and a head'],
    [{ layer: 2 }, ' is an object, expected pairs of a layer and a head'],
    [[2, 3], '[0] is 2, expected a layer and a head'],
    [[[2, 3], [1]], '[1] is an array, expected a layer and a head'],
    [[[2, 3, 1]], '[0] is an array, expected a layer and a head'],
    [[[3, 0]], '[0][0] is 3, expected 0 to 2'],
    [[[-1, 0]], '[0][0] is -1, expected 0 to 2'],
    [[[0, 4]], '[0][1] is 4, expected 0 to 3'],
    [[[0, 1.5]], '[0][1] is 1.5, expected 0 to 3'],
    [[[0, null]], '[0][1] is null, expected 0 to 3'],
    [[['1', 0]], '[0][0] is "1", expected 0 to 2'],
  ])('%j: refused, here and in a Worker', async (value, sentence) => {
    const files = model({ alignment_heads: value });
    for (const regard of [here, there]) {
      expect(await failure(() => regard.translator(files))).toBe(
        `FormatError: config.json: alignment_heads${sentence}`,
      );
    }
  });

  test('leave nothing behind when they are refused', async () => {
    const { used } = here.memory();
    const files = model({ alignment_heads: [[9, 9]] });
    for (let i = 0; i < 5; ++i) await failure(() => here.translator(files));
    // Lists of free buffers may have moved by a few cache lines; the weights take 255 kB.
    expect(Math.abs(here.memory().used - used)).toBeLessThan(4096);
  });
});

describe('the languages', () => {
  const config: [string, Uint8Array] = ['config.json', json({})];
  const named = (name: string, tokenizer: object = {}) => {
    const files = new Map([config, ['tokenizer_config.json', json(tokenizer)]]);
    const { sourceLang, targetLang } = readFacts({ name, files });
    return [sourceLang, targetLang];
  };

  test('are those of tokenizer_config.json, here and in a Worker', async () => {
    const files = model({}, { source_lang: 'zh', target_lang: 'en' });
    for (const regard of [here, there]) {
      const translator = await regard.translator(files);
      expect([translator.sourceLang, translator.targetLang]).toEqual(['zh', 'en']);
      translator.dispose();
    }
  });

  test('are else those that the name ends with, if it does', async () => {
    expect(named('en-zh')).toEqual(['en', 'zh']);
    expect(named('opus-mt-zh-en', { source_lang: null })).toEqual(['zh', 'en']);
    expect(named('en-zh', { target_lang: 'yue' })).toEqual(['en', 'yue']);
    expect(named('files')).toEqual([undefined, undefined]);
    const translator = await there.translator(model({}));
    expect([translator.sourceLang, translator.targetLang]).toEqual([undefined, undefined]);
    translator.dispose();
  });

  test('that are no text are refused', async () => {
    expect(await failure(() => here.translator(model({}, { source_lang: 7 })))).toBe(
      'FormatError: tokenizer_config.json: source_lang is 7, expected a text',
    );
  });
});
