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

const START: Tick = { text: '<s>', lang: '', kind: 'start' };

/** One tick for each piece, `</s>` included. */
export function pieceAxis({ pieces }: Sentence, lang: string): Axis {
  const ticks = pieces.map(({ text, word }) => tick(text, word, lang));
  return { ticks, groups: ticks.map((_, i) => i) };
}

/** One tick for each word, and one for `</s>`. */
export function wordAxis({ pieces, words }: Sentence, lang: string): Axis {
  const ticks: Tick[] = [];
  const groups = pieces.map((piece, i) => {
    const continues = i > 0 && piece.word >= 0 && pieces[i - 1]?.word === piece.word;
    if (!continues) ticks.push(tick(words[piece.word]?.text ?? piece.text, piece.word, lang));
    return ticks.length - 1;
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
