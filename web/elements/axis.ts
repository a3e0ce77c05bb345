// SPDX-License-Identifier: MIT
// The names along the edges of an attention matrix: a sentence's pieces, or its words.
import type { Sentence } from 'regard';

export type TickKind = 'word' | 'start' | 'end';

/** A name beside a row or above a column. */
export interface Tick {
  readonly text: string;
  /** For the reader's fonts and voice; empty for the marks `<s>` and `</s>`. */
  readonly lang: string;
  readonly kind: TickKind;
}

export interface Axis {
  readonly ticks: readonly Tick[];
  /** For each piece the tick that it belongs to. */
  readonly groups: readonly number[];
}

/** Nothing but Chinese characters. */
const HAN = /^\p{Script=Han}+$/u;
const START: Tick = { text: '<s>', lang: '', kind: 'start' };

/** One tick for each piece, `</s>` included. */
export function pieceAxis({ pieces }: Sentence, lang: string): Axis {
  const ticks = pieces.map(({ text, word }) => tick(text, word, lang));
  return { ticks, groups: ticks.map((_, i) => i) };
}

/**
 * One tick for each word, and one for `</s>`. Between Chinese characters there are no spaces: they
 * are one word where the browser's own dictionary has it.
 */
export function wordAxis({ text, pieces, words }: Sentence, lang: string): Axis {
  const starts = chineseWordStarts(text, lang);
  const ticks: Tick[] = [];
  const groups: number[] = [];
  let begin = 0;
  pieces.forEach((piece, i) => {
    const before = pieces[i - 1];
    const same = piece.word >= 0 && before?.word === piece.word;
    const joined =
      before && HAN.test(text.slice(before.begin, piece.end)) && !starts.has(piece.begin);
    if (piece.word >= 0 && (same || joined)) {
      const end = Math.max(piece.end, words[piece.word]?.end ?? 0);
      ticks[ticks.length - 1] = tick(text.slice(begin, end), piece.word, lang);
    } else {
      const word = words[piece.word];
      begin = word?.begin ?? piece.begin;
      ticks.push(tick(word?.text ?? piece.text, piece.word, lang));
    }
    groups.push(ticks.length - 1);
  });
  return { ticks, groups };
}

/** The keys of decoder self-attention: the start token, and every piece but the last. */
export function shifted(axis: Axis): Axis {
  const groups = [0, ...axis.groups.slice(0, -1).map((group) => group + 1)];
  const used = (groups[groups.length - 1] ?? 0) + 1;
  return { ticks: [START, ...axis.ticks].slice(0, used), groups };
}

function tick(text: string, word: number, lang: string): Tick {
  return word < 0 ? { text, lang: '', kind: 'end' } : { text, lang, kind: 'word' };
}

/** Where a word begins in a Chinese text; everywhere, where the browser has no dictionary. */
function chineseWordStarts(text: string, lang: string): Pick<Set<number>, 'has'> {
  if (!/\p{Script=Han}/u.test(text) || typeof Intl.Segmenter !== 'function')
    return { has: () => true };
  const segmenter = new Intl.Segmenter(lang, { granularity: 'word' });
  return new Set(Array.from(segmenter.segment(text), ({ index }) => index));
}
