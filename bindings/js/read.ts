// SPDX-License-Identifier: MIT
// What the engine found, copied out of it into plain objects. Each function frees what it reads.
import type { Core } from './core.js';
import type { IdsHandle, SentenceHandle, TranslationHandle } from './module.js';
import { sentence } from './sentence.js';
import type * as api from './types.js';
import { countOf } from './values.js';

export function readSentence(core: Core, handle: SentenceHandle): api.Sentence {
  return core.using((keep) => {
    keep(handle);
    const pieces = readIds(
      core,
      core.call(() => handle.pieces()),
    );
    const words = readIds(
      core,
      core.call(() => handle.words()),
    );
    const texts = Array.from({ length: pieces.length / 4 }, (_, index) =>
      core.call(() => handle.piece(index)),
    );
    return sentence(
      core.call(() => handle.text()),
      texts,
      pieces,
      words,
    );
  });
}

export function readTensor(core: Core, tensor: number): api.TensorData {
  try {
    const { shape } = core.describe(tensor);
    return { shape, data: core.values(tensor, countOf(shape)) };
  } finally {
    core.release(tensor);
  }
}

export function readTranslation(core: Core, handle: TranslationHandle): api.Translation {
  return core.using((keep) => {
    keep(handle);
    const source = readSentence(
      core,
      core.call(() => handle.source()),
    );
    const alternatives = Array.from({ length: handle.hypotheses() }, (_, rank) => {
      const target = readSentence(
        core,
        core.call(() => handle.target(rank)),
      );
      const score = core.call(() => handle.score(rank));
      return { text: target.text, target, score };
    });
    const notes = Array.from({ length: handle.notes() }, (_, index) =>
      core.call(() => handle.note(index)),
    );
    const attention = handle.hasAttention() && {
      encoder: readTensor(
        core,
        core.call(() => handle.encoder()),
      ),
      cross: readTensor(
        core,
        core.call(() => handle.cross()),
      ),
      decoder: readTensor(
        core,
        core.call(() => handle.decoder()),
      ),
    };
    return { ...alternatives[0]!, source, ...(attention && { attention }), alternatives, notes };
  });
}

function readIds(core: Core, handle: IdsHandle): Int32Array {
  return core.using((keep) => {
    keep(handle);
    return core.integers(handle.address(), handle.count());
  });
}
