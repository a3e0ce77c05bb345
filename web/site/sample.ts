// SPDX-License-Identifier: MIT
// The translation from English that is shown before the model has arrived. tools/record_sample.mjs
// writes sample.json with the real model.
import type { Sentence, TensorData, Translation, Translator } from 'regard';
import type { SelfAttention } from '../elements/self-attention/regard-self-attention.js';
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
  alignmentHeads: number[][];
}

/** What a model said, and with which heads its picture opens. */
export interface Sample {
  readonly translation: Translation;
  readonly selfAttention: SelfAttention;
  readonly alignmentHeads: Translator['alignmentHeads'];
}

export const sample = revive(recorded);

function revive({ attention, alignmentHeads, ...translation }: Recorded): Sample {
  const encoder = tensor(attention.encoder);
  const [cross, decoder] = [tensor(attention.cross), tensor(attention.decoder)];
  return {
    translation: {
      ...translation,
      attention: { encoder, cross, decoder },
      alternatives: [],
      notes: [],
    },
    selfAttention: { source: translation.source, attention: encoder },
    alignmentHeads: alignmentHeads.map(([layer = 0, head = 0]) => [layer, head]),
  };
}

function tensor({ shape, thousandths }: RecordedTensor): TensorData {
  return { shape, data: Float32Array.from(thousandths, (value) => value / 1000) };
}
