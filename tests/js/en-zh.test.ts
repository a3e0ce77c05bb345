// SPDX-License-Identifier: MIT
// The translator that the project ships, by its name.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Regard, Translator } from '../../bindings/js/index.node.js';
import { failure, start } from './engine.js';

let regard: Regard;
let translator: Translator;
beforeAll(async () => {
  regard = await start();
  translator = await regard.translator('en-zh');
});
afterAll(() => regard.dispose());

describe('en-zh', () => {
  test('translates "Tom chases Jerry."', async () => {
    const { text, source, target, attention } = await translator.translate('Tom chases Jerry.', {
      attention: true,
    });
    for (const word of ['汤姆', '杰瑞', '追']) expect(text).toContain(word);
    expect(source.words.map((word) => word.text.replace('.', ''))).toEqual([
      'Tom',
      'chases',
      'Jerry',
    ]);

    // Somewhere among layers and heads 汤 looks mostly at Tom and 杰 mostly at Jerry.
    const { shape, data } = attention!.cross;
    const [layers, heads, T, S] = shape as [number, number, number, number];
    const looks = (character: string, word: number): boolean => {
      const row = target.pieces.findIndex((piece) => piece.text.includes(character));
      return Array.from({ length: layers * heads }, (_, head) =>
        data.subarray((head * T + row) * S, (head * T + row + 1) * S),
      ).some((weights) => {
        const own = weights.filter((_, key) => source.pieces[key]!.word === word);
        return own.reduce((a, b) => a + b, 0) > 0.5;
      });
    };
    expect(looks('汤', 0)).toBe(true);
    expect(looks('杰', 2)).toBe(true);
  });

  test('has the sentence from its parts, alone and among others', async () => {
    const texts = ['He is running.', 'Good morning!', 'I like natural language processing.'];
    const together = await translator.translate(texts);
    for (const [index, text] of texts.entries()) {
      const alone = await translator.translate(text);
      expect(together[index]!.text).toBe(alone.text);
      expect(alone.text).toMatch(/\p{Script=Han}/u);
    }
  });

  test('answers in time to an abort', async () => {
    const controller = new AbortController();
    const text = 'The man who lives next door told me that it would rain today. '.repeat(30);
    let aborted = Infinity;
    setTimeout(() => {
      aborted = performance.now();
      controller.abort();
    }, 20);
    expect(await failure(() => translator.translate(text, controller))).toMatch(/^AbortError/);
    // The encoder on 500 pieces is one step; the rest is for a loaded machine.
    expect(performance.now() - aborted).toBeLessThan(1000);
  });

  test.each([
    ['Chinese', '我喜欢自然语言处理。'],
    ['emoji', '😀😀 Tom 🏃 Jerry'],
    ['one long word', 'a'.repeat(300)],
    ['control characters', 'Tom\u0000\u0007 chases\u001b[0m Jerry.'],
  ])('answers something to %s', async (_, text) => {
    const { target, source, notes } = await translator.translate(text);
    expect(source.text).toHaveLength(text.length);
    expect(target.pieces.length > 0 || notes.length > 0).toBe(true);
  });
});
