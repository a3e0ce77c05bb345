// SPDX-License-Identifier: MIT
// What the page can take, and what it says of what it cannot.
import type { Piece, Sentence } from 'regard';
import { isForeign, languageName, type Languages } from './languages.js';
import { messages, type Language, type Messages } from './messages.js';

/** A few sentences: what a search still answers while one types. */
export const MOST_CHARACTERS = 400;
/** A picture of more pieces than this shows nothing that a reader could tell apart. */
export const MOST_PIECES = 160;

/** Marian's vocabularies begin with `</s>` and `<unk>`; the piece's own text is what was not known. */
const UNKNOWN = 1;
/** Nothing but Chinese characters. */
const HAN = /^\p{Script=Han}+$/u;
const CONTROLS = /[\p{Cc}\p{Co}]/gu;

/** A sentence why `text` is not translated by a model of these languages; undefined if it is. */
export function refusal(text: string, languages: Languages, reader: Language): string | undefined {
  const say = messages[reader];
  const name = (language: string) => languageName(language, reader);
  const { source, target } = languages;
  const length = Array.from(text).length;
  if (cleaned(text) === '') return say.emptyInput(name(source));
  if (length > MOST_CHARACTERS) return say.tooLong(length, MOST_CHARACTERS);
  if (isForeign(text, source)) return say.foreign(name(source), name(target));
  return undefined;
}

/** The text on one line, without control characters. */
export function cleaned(text: string): string {
  return text.replace(/\s+/gu, ' ').replace(CONTROLS, '').trim();
}

/** What the reader should know of how `text` was read. */
export function remarks(text: string, source: Sentence, say: Messages): string[] {
  const notes: string[] = [];
  if (text.replace(/\s+/gu, ' ').search(CONTROLS) >= 0) notes.push(say.controls);
  if (source.pieces.some((piece) => isSimplified(piece, source))) notes.push(say.simplified);
  const unknown = source.pieces
    .filter((piece) => piece.id === UNKNOWN)
    .map((piece) => source.text.slice(piece.begin, piece.end).trim());
  if (unknown.length > 0) notes.push(say.unknown([...new Set(unknown)].join(' ')));
  if (source.pieces.length > MOST_PIECES) {
    notes.push(say.tooManyPieces(source.pieces.length, MOST_PIECES));
  }
  return notes;
}

/** Whether Chinese characters of the text stand for others in the model's vocabulary. */
function isSimplified({ id, text, begin, end }: Piece, source: Sentence): boolean {
  const [read, written] = [text.replace('▁', ''), source.text.slice(begin, end).trim()];
  return id !== UNKNOWN && read !== written && HAN.test(read) && HAN.test(written);
}
