// SPDX-License-Identifier: MIT
// Looking inside of a translator, and changing it there.
//
// What attention shows is where a layer looked, not why the model said what it said: weights can be
// changed much without changing an answer [Jain and Wallace 2019, "Attention is not Explanation"],
// and what they may tell depends on what is asked of them [Wiegreffe and Pinter 2019, "Attention is
// not not Explanation"]. An intervention or influence() shows what does change an answer.
import type { Edit, Stage } from './attention-types.js';
import type { TensorData, TensorLike } from './tensor-types.js';
import type { Sentence, TranslateOptions } from './types.js';

/** The encoder's attention to the source, the decoder's to the target, the decoder's to the source. */
export type Where = 'encoder' | 'decoder' | 'cross';

/** What a trace has of each attention: its steps, and the `output` of the layer around it. */
export type TraceStage = Stage | 'output';

/**
 * A change of one attention; the model runs on from there. `{ where: 'cross', layer: 2, head: 0,
 * values: 0 }` switches a head off.
 */
export interface Intervention extends Omit<Edit, 'batch' | 'stage'> {
  where: Where;
  layer: number;
  /** Default 'context'. */
  stage?: Stage;
  /**
   * In 'decoder' and 'cross' the step that predicts that target piece, in 'keys' and 'values' a key.
   * A row of the decoder's scores and weights has the keys that its step sees, row + 1, the start
   * token first. Default: all.
   */
  row?: number;
}

export interface TraceOptions extends Omit<TranslateOptions, 'attention' | 'nBest' | 'onProgress'> {
  /** Default: all. */
  stages?: readonly TraceStage[];
}

/** Every step of every attention while the model reads a source and predicts a target. */
export interface Trace {
  /** The target's. */
  readonly text: string;
  readonly source: Sentence;
  readonly target: Sentence;
  /** Of each target piece, in nats: the model's own, without the rules of a search. */
  readonly logProbabilities: Float32Array;
  /**
   * By names like `encoder.0.self.weights`, `decoder.2.self.queries`, `decoder.2.cross.output`.
   * Scores and weights are (H, L, S); queries, keys, values and context (H, rows, D); output (L, M).
   * Row i of the decoder's is the step that predicts target piece i.
   */
  readonly steps: Readonly<Record<string, TensorData>>;
  /** One of them. throws ValueError if it was not traced. */
  step(where: Where, layer: number, stage: TraceStage): TensorData;
}

/** What a translation loses with each piece of its source, beside how much attention that got. */
export interface Influence {
  /** The target's. */
  readonly text: string;
  readonly source: Sentence;
  readonly target: Sentence;
  /** log p(target | source), in nats. */
  readonly logProbability: number;
  /** (source pieces) by how much it falls when the piece is left out, those after it moving up. */
  readonly influence: Float32Array;
  /** (source pieces) the mean weight in all cross-attention: layers, heads and steps. */
  readonly attention: Float32Array;
  /**
   * Kendall's tau of the two: 1 if they order the pieces alike, -1 if oppositely, NaN if one side
   * has ties only. Jain and Wallace 2019 find such agreement weak; it measures how far attention
   * and leaving out tell the same story, and proves neither.
   */
  readonly agreement: number;
}

/** Numbers that sum attention up, none of which says why a model answered as it did. */
export interface Measures {
  /**
   * How widely each query looks, in nats: -Σ p log p over a row, divided by its sum first; 0 for a
   * single key, log S for all alike, NaN for a row without weight. (…, S) to (…).
   */
  entropy(weights: TensorLike): TensorData;
  /** The mean entropy of each head's rows, those without weight left out. (…, L, S) to (…). */
  meanEntropy(weights: TensorLike): TensorData;
  /**
   * How much of each layer's output goes back to each place of the input, heads averaged and half
   * of each state kept by the residual connection [Abnar and Zuidema 2020]. Self-attention
   * (layers, H, L, L) to (layers, L, L), whose rows sum to 1.
   */
  rollout(weights: TensorLike): TensorData;
  /** The mean weight that each key receives. (…, S) to (S). */
  received(weights: TensorLike): TensorData;
  /** How far two rankings agree: Kendall's tau-b, -1 to 1; NaN if one side has ties only. */
  kendallTau(x: TensorLike, y: TensorLike): number;
}
