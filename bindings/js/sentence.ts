// SPDX-License-Identifier: MIT
// From the bytes that C++ counts to the UTF-16 units and words that a page shows.
import { wordSegmenter } from './features.js';
import type { Piece, Sentence, Word } from './types.js';

/** A piece as C++ gives it: offsets in bytes of UTF-8. */
export interface RawPiece {
  readonly id: number;
  readonly text: string;
  readonly begin: number;
  readonly end: number;
  /** `</s>`: belongs to no word. */
  readonly special: boolean;
}

/** The text as UTF-8 can carry it: half a surrogate pair becomes U+FFFD, so no offset moves. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** Joins text, pieces and words. `text` is the one that the byte offsets count in. */
export function sentence(text: string, raw: readonly RawPiece[]): Sentence {
  const units = unitOffsets(text);
  const unit = (byte: number): number => units[Math.min(byte, units.length - 1)] ?? text.length;
  const starts = wordStarts(text);

  const words: { begin: number; end: number }[] = [];
  const pieces: Piece[] = raw.map((piece) => {
    const begin = unit(piece.begin);
    const end = Math.max(begin, unit(piece.end));
    if (piece.special) return { id: piece.id, text: piece.text, begin, end, word: -1 };

    // A word begins where a piece and a word of the text begin together, once the word before
    // holds more than space: the lone '▁' before a word is a part of it.
    const last = words.at(-1);
    const open = last && text.slice(last.begin, last.end).trim() === '';
    if (!last || (!open && begin >= last.end && starts.has(begin))) words.push({ begin, end });
    else last.end = Math.max(last.end, end);
    return { id: piece.id, text: piece.text, begin, end, word: words.length - 1 };
  });
  return { text, pieces, words: words.map((word) => trimmed(text, word)) };
}

// For each byte of the text's UTF-8, and for its end, the unit in which its character begins.
function unitOffsets(text: string): Uint32Array {
  const offsets: number[] = [];
  let unit = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (let byte = 0; byte < bytes; ++byte) offsets.push(unit);
    unit += character.length;
  }
  offsets.push(unit);
  return Uint32Array.from(offsets);
}

// Where a word, a space or a mark begins. Without a segmenter: after spaces, at each mark, and at
// each Chinese character.
function wordStarts(text: string): Set<number> {
  const segmenter = wordSegmenter();
  if (segmenter) return new Set(Array.from(segmenter.segment(text), (segment) => segment.index));
  const word = /(?:(?!\p{Ideographic})[\p{L}\p{M}\p{N}'’])+|./gsu;
  return new Set(Array.from(text.matchAll(word), (match) => match.index));
}

function trimmed(text: string, { begin, end }: { begin: number; end: number }): Word {
  const whole = text.slice(begin, end);
  const bare = whole.trim();
  if (bare === '') return { text: whole, begin, end };
  const first = begin + whole.indexOf(bare);
  return { text: bare, begin: first, end: first + bare.length };
}
