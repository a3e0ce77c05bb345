// SPDX-License-Identifier: MIT
import { describe, expect, test } from '@jest/globals';
import { lineBatches } from '../../bindings/js/lines.js';

async function batches(most: number, ...chunks: string[]): Promise<string[][]> {
  async function* stream() {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  }
  const found: string[][] = [];
  for await (const batch of lineBatches(stream(), most)) found.push(batch);
  return found;
}

describe('lineBatches', () => {
  test('gives lines as they arrive, at most so many together', async () => {
    expect(await batches(2, 'a\nb\nc\n', 'd\n')).toEqual([['a', 'b'], ['c'], ['d']]);
  });

  test('joins a line that arrives in parts, and takes a last one without an end', async () => {
    expect(await batches(9, 'a', 'b', 'c\nd', 'e')).toEqual([['abc'], ['de']]);
  });

  test('keeps empty lines, and takes \\r\\n for one end', async () => {
    expect(await batches(9, '\n\na\r', '\n\r\n')).toEqual([
      ['', ''],
      ['a', ''],
    ]);
  });

  test('does not end a line at other separators', async () => {
    const line = 'a\u2028b\u2029c\u0085d\ve\rf';
    expect(await batches(9, `${line}\n`)).toEqual([[line]]);
  });

  test('of nothing gives nothing', async () => {
    expect(await batches(9)).toEqual([]);
    expect(await batches(9, '')).toEqual([]);
  });
});
