// SPDX-License-Identifier: MIT
// What a picture is drawn of: the weights of one kind of attention and the sentences they join.
import type { Sentence, TensorData, Translation, Translator } from 'regard';
import { pieceAxis, shifted, wordAxis, type Axis, type Tick } from './axis.js';
import { ENGLISH_TO_CHINESE, type Languages } from './languages.js';
import { MEAN, at, headMatrix, mergeWords, strongest, type Matrix } from './matrix.js';

/** Self-attention of the source; from target to source; self-attention of the target. */
export type AttentionKind = 'encoder' | 'cross' | 'decoder';

export interface Attention {
  readonly kind: AttentionKind;
  /** (layers, H, L, S) */
  readonly weights: TensorData;
  readonly source: Sentence;
  /** Absent for the encoder's self-attention. */
  readonly target?: Sentence;
  readonly sourceLang: string;
  readonly targetLang: string;
}

/** A matrix with the names along its edges. Row i of a target is the step that predicts it. */
export interface View {
  readonly matrix: Matrix;
  readonly rows: readonly Tick[];
  readonly columns: readonly Tick[];
}

/** A picture among those of an attention; what `regard-change` of `regard-heads` says. */
export interface HeadChoice {
  layer: number;
  /** -1, `MEAN`, is the mean of all heads. */
  head: number;
}

export interface ViewOptions extends HeadChoice {
  /** Pieces summed to words. */
  words: boolean;
}

/** The kind of attention that is asked for, if the translation was made with it. */
export function attentionOf(
  translation: Translation,
  kind: AttentionKind,
  languages: Languages = ENGLISH_TO_CHINESE,
): Attention | undefined {
  const weights = translation.attention?.[kind];
  if (weights === undefined) return undefined;
  const { source, target } = translation;
  return {
    kind,
    weights,
    source,
    target,
    sourceLang: languages.source,
    targetLang: languages.target,
  };
}

export function view(attention: Attention, { layer, head, words }: ViewOptions): View {
  const [rows, columns] = axes(attention, words);
  const matrix = headMatrix(attention.weights, layer, head);
  return {
    matrix: words ? mergeWords(matrix, rows.groups, columns.groups) : matrix,
    rows: rows.ticks,
    columns: columns.ticks,
  };
}

export function layers(attention: Attention): number {
  return attention.weights.shape[0] ?? 0;
}

export function heads(attention: Attention): number {
  return attention.weights.shape[1] ?? 0;
}

/** The layer whose heads, averaged, point most clearly: where the greatest weights of the rows add to most. */
export function clearestLayer(attention: Attention): number {
  const clarity = Array.from({ length: layers(attention) }, (_, layer) => {
    const mean = headMatrix(attention.weights, layer, MEAN);
    let sum = 0;
    for (let row = 0; row < mean.rows; ++row) sum += at(mean, row, strongest(mean, row));
    return sum;
  });
  return clarity.indexOf(Math.max(...clarity));
}

/**
 * The one picture that shows a model's alignment heads: a layer's mean where all of its heads are
 * listed, else the first head. Undefined where the attention has no such heads.
 */
export function alignedHead(
  attention: Attention,
  alignmentHeads: Translator['alignmentHeads'],
): HeadChoice | undefined {
  const [[layer, head] = [-1, -1]] = alignmentHeads;
  const count = heads(attention);
  if (layer < 0 || layer >= layers(attention) || head >= count) return undefined;
  const listed = new Set(alignmentHeads.map((pair) => pair.join()));
  const all = Array.from({ length: count }, (_, i) => `${layer},${i}`);
  const whole = listed.size === count && all.every((pair) => listed.has(pair));
  return { layer, head: whole ? MEAN : head };
}

function axes(attention: Attention, words: boolean): [rows: Axis, columns: Axis] {
  const axis = words ? wordAxis : pieceAxis;
  const { kind, source, target, sourceLang, targetLang } = attention;
  if (kind === 'encoder' || target === undefined) {
    const both = axis(source, sourceLang);
    return [both, both];
  }
  const rows = axis(target, targetLang);
  return [rows, kind === 'cross' ? axis(source, sourceLang) : shifted(rows)];
}
