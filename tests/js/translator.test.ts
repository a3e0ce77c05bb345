// SPDX-License-Identifier: MIT
// The translator's API on a small random model: what it writes is nonsense, but always the same.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Regard, Sentence, TensorData, Translator } from '../../bindings/js/index.node.js';
import { failure, start } from './engine.js';
import { marianFiles } from './marian.js';

let regard: Regard;
let translator: Translator;
beforeAll(async () => {
  regard = await start();
  translator = await regard.translator(marianFiles());
});
afterAll(() => regard.dispose());

/** Each row of (…, rows, columns) as its sum. */
function rowSums({ shape, data }: TensorData): number[] {
  const columns = shape.at(-1)!;
  return Array.from({ length: data.length / columns }, (_, row) =>
    data.subarray(row * columns, (row + 1) * columns).reduce((a, b) => a + b, 0),
  );
}

function expectConsistent({ text, pieces, words }: Sentence): void {
  for (const { begin, end, word } of pieces) {
    expect(begin).toBeLessThanOrEqual(end);
    expect(end).toBeLessThanOrEqual(text.length);
    expect(word).toBeLessThan(words.length);
  }
  for (const word of words) expect(text.slice(word.begin, word.end)).toBe(word.text);
}

describe('translate', () => {
  test('gives text, pieces, offsets, words and a score', async () => {
    const { text, source, target, score, alternatives, notes } =
      await translator.translate('Tom chases Jerry.');
    expect(source.text).toBe('Tom chases Jerry.');
    expect(source.words.map((word) => word.text).join(' ')).toBe('Tom chases Jerry.');
    expect(source.pieces.at(-1)).toMatchObject({ text: '</s>', word: -1, begin: 17, end: 17 });
    expect(target.text).toBe(text);
    expectConsistent(source);
    expectConsistent(target);
    expect(score).toBeLessThan(0);
    expect(alternatives).toEqual([{ text, target, score }]);
    expect(notes.every((note) => note.startsWith('the translation was cut'))).toBe(true);
  });

  test('gives the attention of every layer and head when asked, and not otherwise', async () => {
    const plain = await translator.translate('Tom chases Jerry.');
    const full = await translator.translate('Tom chases Jerry.', { attention: true });
    expect(plain).not.toHaveProperty('attention');
    expect(full.text).toBe(plain.text);
    expect(full.score).toBe(plain.score);

    const { encoder, cross, decoder } = full.attention!;
    const [S, T] = [full.source.pieces.length, full.target.pieces.length];
    const { layers, decoderLayers, heads } = translator;
    expect(encoder.shape).toEqual([layers, heads, S, S]);
    expect(cross.shape).toEqual([decoderLayers, heads, T, S]);
    expect(decoder.shape).toEqual([decoderLayers, heads, T, T]);
    // A sum of at most 40 weights, each rounded to 2^-24 of itself, and the division before.
    for (const tensor of [encoder, cross, decoder]) {
      for (const sum of rowSums(tensor)) expect(Math.abs(sum - 1)).toBeLessThan(40 * 2 ** -24);
    }
    // Query i of the decoder knows the start token and the pieces before piece i.
    decoder.data.forEach((weight, at) => {
      const [row, column] = [Math.floor(at / T) % T, at % T];
      if (column > row) expect(weight).toBe(0);
    });
  });

  test('gives the n best, in order, the first of them its result', async () => {
    const { alternatives, text, score } = await translator.translate('Tom is running.', {
      beams: 4,
      nBest: 3,
    });
    expect(alternatives).toHaveLength(3);
    expect(alternatives[0]).toMatchObject({ text, score });
    const scores = alternatives.map((one) => one.score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(new Set(alternatives.map((one) => one.target.pieces.map((p) => p.id).join())).size).toBe(
      3,
    );
  });

  test('of an array keeps its order, and each result is that of its text alone', async () => {
    const texts = [
      'Tom runs.',
      'A long sentence about a cat and a mouse.',
      '',
      'Tom chases Jerry.',
    ];
    const together = await translator.translate(texts, { attention: true });
    expect(together.map((result) => result.source.text)).toEqual(texts);
    for (const [index, text] of texts.entries()) {
      const alone = await translator.translate(text, { attention: true });
      expect(together[index]!.text).toBe(alone.text);
      expect(together[index]!.attention?.cross.shape).toEqual(alone.attention?.cross.shape);
      // Products of several rows may be summed in another order than those of one.
      expect(Math.abs(together[index]!.score - alone.score)).toBeLessThan(1e-5);
    }
    expect(await translator.translate([])).toEqual([]);
  });

  test('begins with the prefix', async () => {
    const { target } = await translator.translate('Tom runs.', { prefix: 'the' });
    const { pieces } = await translator.tokenize('the', 'target');
    const prefix = pieces.slice(0, -1).map((piece) => piece.id);
    expect(target.pieces.slice(0, prefix.length).map((piece) => piece.id)).toEqual(prefix);
  });

  test('scores a given target instead of searching, with its attention', async () => {
    const best = await translator.translate('Tom chases Jerry.', { beams: 6 });
    const target = 'Tom had.';
    const given = await translator.translate('Tom chases Jerry.', { target, attention: true });
    expect(given.text).toBe(target);
    const ids = given.target.pieces.map((piece) => piece.id);
    const { pieces } = await translator.tokenize(target, 'target');
    expect(ids).toEqual(pieces.map((piece) => piece.id));
    expect(given.attention!.cross.shape[2]).toBe(ids.length);
    expect(given.score).toBeLessThan(best.score);
  });

  test('tells how it grows', async () => {
    const partials: { text: string; pieces: number; index: number }[] = [];
    const results = await translator.translate(['Tom runs.', 'Tom chases Jerry.'], {
      onProgress: (partial) => partials.push(partial),
    });
    expect(new Set(partials.map((partial) => partial.index))).toEqual(new Set([0, 1]));
    for (const [index, { text }] of results.entries()) {
      const own = partials.filter((partial) => partial.index === index);
      expect(own.length).toBeGreaterThan(1);
      if (text !== '') expect(own.some((partial) => partial.pieces > 1)).toBe(true);
    }
  });

  test('stops when aborted, before and within a search, and goes on to work', async () => {
    const aborted = AbortSignal.abort();
    expect(await failure(() => translator.translate('Tom.', { signal: aborted }))).toBe(
      'AbortError: This operation was aborted',
    );
    const reason = new RangeError('mine');
    expect(
      await failure(() => translator.translate('Tom.', { signal: AbortSignal.abort(reason) })),
    ).toBe('RangeError: mine');

    const controller = new AbortController();
    const many = Array.from(
      { length: 2000 },
      (_, i) => `Tom chases Jerry for ${i} days and nights.`,
    );
    setTimeout(() => controller.abort(), 30);
    const begin = performance.now();
    expect(await failure(() => translator.translate(many, controller))).toMatch(/^AbortError/);
    // Thirty to be asked, one step and a loaded machine: the whole search takes many seconds.
    expect(performance.now() - begin).toBeLessThan(2000);
    expect((await translator.translate('Tom runs.')).source.text).toBe('Tom runs.');
  });

  test.each<[string, object]>([
    ['beams is 0, expected 1 to 64', { beams: 0 }],
    ['beams is 1.5, expected 1 to 64', { beams: 1.5 }],
    ['beams is NaN, expected 1 to 64', { beams: NaN }],
    ['beams is 65, expected 1 to 64', { beams: 65 }],
    ['nBest is 3, expected 1 to 2', { beams: 2, nBest: 3 }],
    ['lengthPenalty is Infinity, expected a number', { lengthPenalty: Infinity }],
    ["earlyStopping is perhaps, expected false, true or 'never'", { earlyStopping: 'perhaps' }],
    ['maxLength is 1, expected a whole number from 2', { maxLength: 1 }],
    ['the prefix is number, expected a string', { prefix: 3 }],
    ['the target is object, expected a string', { target: {} }],
  ])('refuses: %s', async (sentence, options) => {
    expect(await failure(() => translator.translate('Tom.', options))).toBe(
      `ValueError: translate: ${sentence}`,
    );
  });

  test('refuses what is no text, and what is too much of it', async () => {
    expect(await failure(() => translator.translate(7 as never))).toBe(
      'ValueError: translate: the text is number, expected a string',
    );
    expect(await failure(() => translator.translate(['a', null] as never))).toBe(
      'ValueError: translate: the text is object, expected a string',
    );
    expect(await failure(() => translator.translate('a'.repeat(100_001)))).toBe(
      'ValueError: translate: the text has 100001 UTF-16 units, at most 100000 are possible',
    );
  });
});

describe('a text of any kind', () => {
  test.each([
    ['emoji', 'Tom 😀 chases 👩‍👩‍👧 Jerry 🇨🇳.'],
    ['Chinese', '汤姆追杰瑞。'],
    ['control characters', 'Tom\u0000\u0001\u001b[31m \u007f chases\u2028Jerry\u200b.'],
    ['halves of pairs', 'Tom \ud83d chases \ude00 Jerry'],
    ['full-width forms', 'Ｔｏｍ　ｃｈａｓｅｓ　Ｊｅｒｒｙ．'],
    ['right-to-left', 'שלום Tom \u202eevil'],
    ['a language code', '>>cmn<< Tom runs.'],
    ['lines', 'Tom\nchases\r\n\tJerry'],
  ])('is translated: %s', async (_, text) => {
    const result = await translator.translate(text, { attention: true });
    expect(result.source.pieces.length).toBeGreaterThan(1);
    expect(result.source.text).toHaveLength(text.length);
    expectConsistent(result.source);
    expectConsistent(result.target);
  });

  test.each(['', ' ', '\u3000 \t', '\u200b'])('%j: empty, and says so', async (text) => {
    const result = await translator.translate(text, { attention: true, nBest: 1 });
    expect(result.text).toBe('');
    expect(result.notes.join()).toContain('empty');
    expect(result.attention).toBeUndefined();
  });

  test('5,000 characters: cut at what the model can take, and says where', async () => {
    const text = 'Tom chases Jerry. '.repeat(300).slice(0, 5000);
    const result = await translator.translate(text, { beams: 1 });
    expect(result.notes[0]).toMatch(/^the source has \d+ pieces; the first \d+ were translated$/);
    expect(result.source.text).toBe(text);
    expect(result.target.pieces.length).toBeGreaterThan(0);
  });
});

describe('a translator', () => {
  test('tokenizes either side', async () => {
    const source = await translator.tokenize('Tom runs.');
    const target = await translator.tokenize('Tom runs.', 'target');
    expect(source.pieces.map((piece) => piece.text)).toEqual(
      target.pieces.map((piece) => piece.text),
    );
    expectConsistent(source);
    expect(await failure(() => translator.tokenize('a', 'left' as 'source'))).toBe(
      "ValueError: tokenize: side is 'left', expected 'source' or 'target'",
    );
  });

  test('gives the encoder attention alone, as a translation has it', async () => {
    const { source, attention } = await translator.selfAttention('Tom chases Jerry.');
    const full = await translator.translate('Tom chases Jerry.', { attention: true });
    expect(source).toEqual(full.source);
    expect(attention).toEqual(full.attention!.encoder);
  });

  test('knows its configuration', () => {
    expect(translator.config).toMatchObject({ model_type: 'marian', d_model: 32 });
    expect([translator.layers, translator.decoderLayers, translator.heads]).toEqual([2, 3, 4]);
  });

  test('is gone after dispose(), also in the middle of a translation', async () => {
    const other = await regard.translator(marianFiles('relu'));
    const many = Array.from({ length: 500 }, (_, i) => `Tom chases Jerry for ${i} days.`);
    const running = failure(() => other.translate(many));
    setTimeout(() => other.dispose(), 5);
    const gone = 'DisposedError: translator: it was disposed of';
    expect(await running).toBe(gone);
    other.dispose();
    expect(await failure(() => other.translate('Tom.'))).toBe(gone);
    expect(await failure(() => other.tokenize('Tom.'))).toBe(gone);
    expect(await failure(() => other.selfAttention('Tom.'))).toBe(gone);
  });

  test('leaves nothing behind when it goes', async () => {
    const before = regard.memory();
    for (let i = 0; i < 20; ++i) {
      const other = await regard.translator(marianFiles('relu'));
      await other.translate('Tom.', { beams: 2, attention: true });
      other.dispose();
    }
    const after = regard.memory();
    expect(after.tensors).toBe(before.tensors);
    expect(after.heap).toBe(before.heap);
    // Lists of free buffers may have moved by a few cache lines.
    expect(Math.abs(after.used - before.used)).toBeLessThan(4096);
  });
});
