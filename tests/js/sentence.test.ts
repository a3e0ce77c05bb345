// SPDX-License-Identifier: MIT
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sentence, wellFormed } from '../../bindings/js/sentence.js';

const bytes = (text: string) => new TextEncoder().encode(text).length;

describe('sentence', () => {
  test('counts in UTF-16 units', () => {
    const text = 'é😀汤a';
    const pieces = Int32Array.of(5, 0, 2, 0, 6, 2, 6, 1, 7, 6, 9, 2, 8, 9, 10, 2, 0, 10, 10, -1);
    const found = sentence(
      text,
      ['▁é', '😀', '汤', 'a', '</s>'],
      pieces,
      Int32Array.of(0, 2, 2, 6, 6, 10),
    );
    expect(found).toEqual({
      text,
      pieces: [
        { id: 5, text: '▁é', begin: 0, end: 1, word: 0 },
        { id: 6, text: '😀', begin: 1, end: 3, word: 1 },
        { id: 7, text: '汤', begin: 3, end: 4, word: 2 },
        { id: 8, text: 'a', begin: 4, end: 5, word: 2 },
        { id: 0, text: '</s>', begin: 5, end: 5, word: -1 },
      ],
      words: [
        { text: 'é', begin: 0, end: 1 },
        { text: '😀', begin: 1, end: 3 },
        { text: '汤a', begin: 3, end: 5 },
      ],
    });
  });

  test('of nothing has no pieces and no words', () => {
    const nothing = new Int32Array();
    expect(sentence('', [], nothing, nothing)).toEqual({ text: '', pieces: [], words: [] });
  });

  test('finds any character of any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
        (characters) => {
          const table: number[] = [];
          let begin = 0;
          for (const character of characters) {
            table.push(0, begin, begin + bytes(character), 0);
            begin += bytes(character);
          }
          const text = characters.join('');
          const { pieces } = sentence(text, characters, Int32Array.from(table), new Int32Array());
          expect(pieces.map((piece) => text.slice(piece.begin, piece.end))).toEqual(characters);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });
});

test('wellFormed replaces halves of pairs and moves nothing', () => {
  expect(wellFormed('a\ud83db😀\ude00')).toBe('a\ufffdb😀\ufffd');
  expect(wellFormed('plain 汤 😀')).toBe('plain 汤 😀');
});
