// SPDX-License-Identifier: MIT
// The project's own sentence pairs: well-formed, and those of the lessons with the tutorials' example among them.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

// Jest runs in the project's folder, wherever the compiled test lies.
function read(name: string) {
  const text = readFileSync(`tools/${name}.en-zh.tsv`, 'utf8');
  const [header, ...lines] = text.trimEnd().split('\n');
  return { text, header, pairs: lines.map((line) => line.split('\t')) };
}

describe.each([
  ['pairs', 300],
  ['everyday', 24643],
  ['held', 300],
])('our own %s', (name, count) => {
  const { text, header, pairs } = read(name);

  test('stand under a header, in lines that end', () => {
    expect(header).toBe('en\tzh');
    expect(pairs).toHaveLength(count);
    expect(text.endsWith('\n')).toBe(true);
  });

  test('have two columns, each trimmed and in its own script', () => {
    const odd = pairs.filter(([en = '', zh = '', ...rest]) => {
      const trimmed = en.trim() === en && zh.trim() === zh;
      return (
        rest.length ||
        !trimmed ||
        !/^[\x20-\x7e\xa1-\xff]+$/.test(en) ||
        !/\p{Script=Han}/u.test(zh)
      );
    });
    expect(odd).toEqual([]);
  });

  test('hold no control, format or private characters and are in normal form', () => {
    expect(text.replace(/[\t\n]/g, '').match(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu)).toBeNull();
    expect(text.normalize('NFC')).toBe(text);
  });

  test('name each English sentence once', () => {
    expect(new Set(pairs.map(([en]) => en)).size).toBe(pairs.length);
  });
});

describe('the lessons', () => {
  const { pairs } = read('pairs');

  test('end alike on both sides', () => {
    const marks = new Map([
      ['.', '。'],
      ['?', '？'],
      ['!', '！'],
    ]);
    const unlike = pairs.filter(([en = '', zh = '']) => marks.get(en.slice(-1)) !== zh.slice(-1));
    expect(unlike).toEqual([]);
  });

  test('translate the example that every tutorial uses', () => {
    expect(new Map(pairs as [string, string][]).get('Tom chases Jerry.')).toMatch(
      /^汤姆.*追.*杰瑞。$/u,
    );
  });
});
