// SPDX-License-Identifier: MIT
// The pure functions behind the elements, which need no browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sentence } from 'regard';
import { alignedHead, type Attention } from '../../web/elements/attention.js';
import { pieceAxis, shifted, wordAxis } from '../../web/elements/axis.js';
import { plan } from '../../web/elements/draw.js';
import { arrowTarget } from '../../web/elements/heatmap/cell.js';
import { ENGLISH_TO_CHINESE, languageName, languagesOf } from '../../web/elements/languages.js';
import { cleaned, refusal, remarks } from '../../web/elements/limits.js';
import { Live } from '../../web/elements/live.js';
import { MEAN, headMatrix, mergeWords, strongest } from '../../web/elements/matrix.js';
import { messages } from '../../web/elements/messages.js';
import { colour } from '../../web/elements/scale.js';

// Tom chas|es Jerry|.
const sentence: Sentence = {
  text: 'Tom chases Jerry.',
  words: [
    { text: 'Tom', begin: 0, end: 3 },
    { text: 'chases', begin: 4, end: 10 },
    { text: 'Jerry', begin: 11, end: 16 },
    { text: '.', begin: 16, end: 17 },
  ],
  pieces: [
    { id: 4, text: '▁Tom', begin: 0, end: 3, word: 0 },
    { id: 5, text: '▁chas', begin: 3, end: 8, word: 1 },
    { id: 6, text: 'es', begin: 8, end: 10, word: 1 },
    { id: 7, text: '▁Jerry', begin: 10, end: 16, word: 2 },
    { id: 8, text: '.', begin: 16, end: 17, word: 3 },
    { id: 0, text: '</s>', begin: 17, end: 17, word: -1 },
  ],
};

test('an axis names pieces or words, and every piece has its tick', () => {
  assert.deepEqual(
    pieceAxis(sentence, 'en').ticks.map(({ text }) => text),
    ['▁Tom', '▁chas', 'es', '▁Jerry', '.', '</s>'],
  );
  const words = wordAxis(sentence, 'en');
  assert.deepEqual(
    words.ticks.map(({ text }) => text),
    ['Tom', 'chases', 'Jerry', '.', '</s>'],
  );
  assert.deepEqual(words.groups, [0, 1, 1, 2, 3, 4]);
});

test('Chinese characters join to the words of the dictionary', () => {
  const text = '我喜欢自然语言。';
  const characters = Array.from(text, (character, i) => ({
    text: character,
    begin: i,
    end: i + 1,
  }));
  const pieces = characters.map((piece, i) => ({ ...piece, id: 9 + i, word: i }));
  const { ticks, groups } = wordAxis({ text, pieces, words: characters }, 'zh-CN');
  assert.deepEqual(
    ticks.map((tick) => tick.text),
    ['我', '喜欢', '自然', '语言', '。'],
  );
  assert.deepEqual(groups, [0, 1, 1, 2, 2, 3, 3, 4]);
});

test('the keys of the decoder are the start token and all pieces but the last', () => {
  const keys = shifted(wordAxis(sentence, 'en'));
  assert.deepEqual(
    keys.ticks.map(({ text }) => text),
    ['<s>', 'Tom', 'chases', 'Jerry', '.'],
  );
  assert.deepEqual(keys.groups, [0, 1, 2, 2, 3, 4]);
});

test('a head is a slice, the mean is of all heads, and words keep the sums of rows', () => {
  // (2 layers, 3 heads, 2 queries, 3 keys), every row a distribution; halves and quarters are exact
  const rows = [
    [0.5, 0.25, 0.25],
    [0, 1, 0],
    [0.25, 0.25, 0.5],
  ];
  const data = Float32Array.from(
    { length: 36 },
    (_, i) => rows[Math.floor(i / 3) % 3]?.[i % 3] ?? 0,
  );
  const tensor = { shape: [2, 3, 2, 3], data };
  assert.deepEqual([...headMatrix(tensor, 1, 2).values], [...data.subarray(30, 36)]);

  const mean = headMatrix(tensor, 0, MEAN);
  // a third is no binary fraction: three roundings of 2^-24 each
  const third = (data[0]! + data[6]! + data[12]!) / 3;
  assert.ok(Math.abs(mean.values[0]! - third) < 2 ** -22);

  const merged = mergeWords(headMatrix(tensor, 0, 0), [0, 0], [0, 0, 1]);
  assert.deepEqual([...merged.values], [0.875, 0.125]);
  assert.equal(strongest(merged, 0), 0);
});

test('a plan stays within its width until cells are as small as they may be', () => {
  const ticks = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      text: 'x'.repeat(1 + (i % 9)),
      lang: 'en',
      kind: 'word' as const,
    }));
  for (const available of [300, 360, 768, 1200]) {
    for (const count of [1, 2, 7, 20, 60, 150]) {
      const place = plan(ticks(count), ticks(count), available, (text) => 8 * text.length);
      const smallest = count <= 48 ? 22 : count <= 100 ? 14 : 8;
      assert.ok(
        place.width <= available || place.cellWidth === smallest,
        `${count} in ${available}`,
      );
      assert.ok(place.cellHeight > 0 && place.cellHeight <= place.cellWidth);
    }
  }
});

test('arrow keys stop at the edges', () => {
  const matrix = { rows: 2, columns: 3, values: new Float32Array(6) };
  const press = (key: string, row: number, column: number, ctrlKey = false) =>
    arrowTarget({ key, ctrlKey }, { row, column }, matrix);
  assert.deepEqual(press('ArrowUp', 0, 1), { row: 0, column: 1 });
  assert.deepEqual(press('ArrowRight', 0, 2), { row: 0, column: 2 });
  assert.deepEqual(press('ArrowDown', 0, 1), { row: 1, column: 1 });
  assert.deepEqual(press('End', 0, 0, true), { row: 1, column: 2 });
  assert.deepEqual(press('Home', 1, 2), { row: 1, column: 0 });
  assert.equal(press('a', 0, 0), undefined);
});

test('more weight is darker on a light page and lighter on a dark one', () => {
  const lightness = (weight: number, dark: boolean) => {
    const [r = 0, g = 0, b = 0] = colour(weight, dark).match(/\d+/g)?.map(Number) ?? [];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (let i = 0; i < 50; ++i) {
    assert.ok(lightness((i + 1) / 50, false) < lightness(i / 50, false), `light, ${i}`);
    assert.ok(lightness((i + 1) / 50, true) > lightness(i / 50, true), `dark, ${i}`);
  }
  assert.equal(colour(2, false), colour(1, false));
});

test('only the newest question is answered', async () => {
  const asked: string[] = [];
  const aborted: string[] = [];
  const live = new Live<string>((text, signal) => {
    asked.push(text);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        aborted.push(text);
        reject(signal.reason as Error);
      });
      setTimeout(() => resolve(text.toUpperCase()), 5);
    });
  }, 1);
  const failed = (error: unknown) => assert.fail(String(error));
  live.request('a', () => assert.fail('a was given up'), failed);
  live.request('b', () => assert.fail('b was given up'), failed);
  await new Promise((resolve) => setTimeout(resolve, 3));
  const answer = await new Promise((resolve) => live.request('c', resolve, failed));
  assert.equal(answer, 'C');
  assert.ok(!asked.includes('a'));
  assert.deepEqual(
    aborted,
    asked.filter((text) => text === 'b'),
  );
});

const chineseToEnglish = { source: 'zh-CN', target: 'en' };

test('what is refused, cleaned and remarked', () => {
  const say = messages.en;
  const refused = (text: string) => refusal(text, ENGLISH_TO_CHINESE, 'en');
  assert.equal(cleaned(' a\u0000 b\n\tc '), 'a b c');
  assert.equal(refused('Hello'), undefined);
  assert.equal(refused('42?'), undefined);
  assert.equal(refused('你好'), say.foreign('English', 'Chinese'));
  assert.equal(refused('\u0007'), say.emptyInput('English'));
  assert.equal(refused('😀'.repeat(400)), undefined);
  assert.equal(refused('a'.repeat(401)), say.tooLong(401, 400));
  const unknown = { id: 1, text: 'Tom', begin: 0, end: 3, word: 0 };
  assert.deepEqual(remarks('Tom chases Jerry.', { ...sentence, pieces: [unknown] }, say), [
    say.unknown('Tom'),
  ]);
  assert.deepEqual(remarks('To\u0001m chases Jerry.', sentence, say), [say.controls]);
});

test('a model of the other direction refuses the other script, in the language of the page', () => {
  const refused = (text: string) => refusal(text, chineseToEnglish, 'zh');
  for (const text of ['你好', '你喜歡 Tom 嗎？', '42？']) assert.equal(refused(text), undefined);
  assert.equal(refused('Hello'), '这个模型只读中文。请输入一句中文，它会用英文回答。');
  assert.equal(refused(' '), '还没有可翻译的内容：请在上面输入一句中文。');
  // of scripts that nobody listed nothing is said
  assert.equal(refusal('Hello', { source: 'ru', target: 'en' }, 'en'), undefined);
});

test('languages are what an element is told, else what its model says, else English and Chinese', () => {
  const untold = { translator: undefined, sourceLang: undefined, targetLang: undefined };
  const translator = { sourceLang: 'zh', targetLang: 'en' };
  assert.deepEqual(languagesOf(untold), ENGLISH_TO_CHINESE);
  assert.deepEqual(languagesOf({ ...untold, translator }), chineseToEnglish);
  const told = languagesOf({ translator, sourceLang: 'en_GB', targetLang: undefined });
  assert.deepEqual(told, { source: 'en-GB', target: 'en' });
  const silent = { sourceLang: undefined, targetLang: undefined };
  assert.deepEqual(languagesOf({ ...untold, translator: silent }), ENGLISH_TO_CHINESE);
});

test('languages have their names in the language of the page', () => {
  const names = (tag: string) => [languageName(tag, 'en'), languageName(tag, 'zh')];
  assert.deepEqual(names('zh-CN'), ['Chinese', '中文']);
  assert.deepEqual(names('eng'), ['English', '英文']);
  assert.deepEqual(names('fr'), ['French', '法语']);
  assert.deepEqual(names('no language'), ['no language', 'no language']);
  assert.equal(messages.en.placeholder('English', false), 'Type an English sentence');
  assert.match(messages.en.placeholder('Chinese', true), /^Type Chinese, .*traditional/);
});

test('alignment heads open one picture: a head, or the mean of its layer', () => {
  const weights = { shape: [3, 2, 1, 1], data: new Float32Array(6).fill(1) };
  const attention: Attention = {
    ...{ kind: 'cross', weights, source: sentence, target: sentence },
    ...{ sourceLang: 'en', targetLang: 'zh-CN' },
  };
  const opened = (...heads: [number, number][]) => alignedHead(attention, heads);
  assert.equal(opened(), undefined);
  assert.deepEqual(opened([1, 0]), { layer: 1, head: 0 });
  assert.deepEqual(opened([2, 1], [2, 0]), { layer: 2, head: MEAN });
  assert.deepEqual(opened([2, 1], [2, 1]), { layer: 2, head: 1 });
  assert.deepEqual(opened([0, 1], [1, 0]), { layer: 0, head: 1 });
  assert.deepEqual(opened([0, 1], [0, 0], [1, 0]), { layer: 0, head: 1 });
  // of another model
  assert.equal(opened([3, 0]), undefined);
  assert.equal(opened([0, 2]), undefined);
});

test('no sentence is left empty or the same in both languages by mistake', () => {
  for (const key of Object.keys(messages.en) as (keyof typeof messages.en)[]) {
    const [en, zh] = [messages.en[key], messages.zh[key]];
    if (typeof en !== 'string') continue;
    assert.ok(en.trim() !== '' && zh !== en, key);
  }
});
