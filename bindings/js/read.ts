// SPDX-License-Identifier: MIT
// What a search found, copied out of the engine into plain objects.
import type { Core } from './core.js';
import type { PiecesHandle, SearchHandle } from './module.js';
import type { RawPiece } from './sentence.js';
import { sentence } from './sentence.js';
import { copyOut } from './tensor.js';
import type { Hypothesis, Sentence, Translation, TranslationAttention } from './types.js';

const columns = 4; // id, begin, end, whether it is `</s>`

/** Reads and frees. `text` is what was cut into these pieces; by default what they make up. */
export function readSentence(core: Core, pieces: PiecesHandle, text?: string): Sentence {
  return core.using((keep) => {
    keep(pieces);
    const ids = keep(core.call(() => pieces.table()));
    const table = core.integers(ids.address(), ids.count());
    const raw: RawPiece[] = Array.from({ length: table.length / columns }, (_, index) => {
      const [id = 0, begin = 0, end = 0, special = 0] = table.subarray(columns * index);
      return { id, text: core.call(() => pieces.piece(index)), begin, end, special: special === 1 };
    });
    return sentence(text ?? core.call(() => pieces.text()), raw);
  });
}

/** One sentence's result of a search that is over. */
export function readTranslation(
  core: Core,
  search: SearchHandle,
  index: number,
  text: string,
): Translation {
  const source = readSentence(
    core,
    core.call(() => search.source(index)),
    text,
  );
  const count = core.call(() => search.hypotheses(index));
  const alternatives = Array.from({ length: count }, (_, rank) =>
    readHypothesis(core, search, index, rank),
  );
  const attention = readAttention(core, search, index);
  return {
    ...alternatives[0]!,
    source,
    ...(attention && { attention }),
    alternatives,
    notes: notes(core, search, index, source),
  };
}

function readHypothesis(core: Core, search: SearchHandle, index: number, rank: number): Hypothesis {
  const target = readSentence(
    core,
    core.call(() => search.hypothesis(index, rank)),
  );
  const score = core.call(() => search.hypothesisScore(index, rank));
  return { text: target.text, target, score };
}

function readAttention(core: Core, search: SearchHandle, index: number): TranslationAttention {
  return core.using((keep) => {
    const handle = keep(core.call(() => search.attention(index)));
    return {
      encoder: copyOut(
        core,
        core.call(() => handle.encoder()),
      ),
      cross: copyOut(
        core,
        core.call(() => handle.cross()),
      ),
      decoder: copyOut(
        core,
        core.call(() => handle.decoder()),
      ),
    };
  });
}

function notes(core: Core, search: SearchHandle, index: number, source: Sentence): string[] {
  const dropped = core.call(() => search.dropped(index));
  const left = source.pieces.length;
  return dropped > 0 ? [`source cut to ${left} pieces`] : [];
}
