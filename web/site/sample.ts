// SPDX-License-Identifier: MIT
// The translation that is shown before the model has arrived. tools/record_sample.mjs writes
// sample.json with the real model.
import type { Sentence, TensorData, Translation } from 'regard';
import recorded from './sample.json' with { type: 'json' };

interface RecordedTensor {
  shape: number[];
  /** Weights times 1000, rounded. */
  thousandths: number[];
}

interface Recorded {
  text: string;
  score: number;
  source: Sentence;
  target: Sentence;
  attention: Record<'encoder' | 'cross' | 'decoder', RecordedTensor>;
}

export const sample: Translation = revive(recorded);

function revive({ attention, ...translation }: Recorded): Translation {
  return {
    ...translation,
    attention: {
      encoder: tensor(attention.encoder),
      cross: tensor(attention.cross),
      decoder: tensor(attention.decoder),
    },
    alternatives: [],
    notes: [],
  };
}

function tensor({ shape, thousandths }: RecordedTensor): TensorData {
  return { shape, data: Float32Array.from(thousandths, (value) => value / 1000) };
}
