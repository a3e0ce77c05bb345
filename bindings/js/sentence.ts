// SPDX-License-Identifier: MIT
// From the bytes that C++ counts to the UTF-16 units that JavaScript counts.
import type { Sentence } from './types.js';

/** The text as UTF-8 can carry it: half a surrogate pair becomes U+FFFD, so no offset moves. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/**
 * @param texts - of each piece
 * @param pieces - four numbers a piece: id, begin, end, word
 * @param words - two numbers a word: begin, end
 */
export function sentence(
  text: string,
  texts: readonly string[],
  pieces: Int32Array,
  words: Int32Array,
): Sentence {
  const units = unitOffsets(text);
  const unit = (byte: number): number => units[byte] ?? text.length;
  return {
    text,
    pieces: texts.map((piece, index) => {
      const [id = 0, begin = 0, end = 0, word = -1] = pieces.subarray(4 * index);
      return { id, text: piece, begin: unit(begin), end: unit(end), word };
    }),
    words: Array.from({ length: words.length / 2 }, (_, index) => {
      const [begin, end] = [unit(words[2 * index]!), unit(words[2 * index + 1]!)];
      return { text: text.slice(begin, end), begin, end };
    }),
  };
}

// For each byte of the text's UTF-8, and for its end, the unit in which its character begins.
function unitOffsets(text: string): number[] {
  const offsets: number[] = [];
  let unit = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (let byte = 0; byte < bytes; ++byte) offsets.push(unit);
    unit += character.length;
  }
  offsets.push(unit);
  return offsets;
}
