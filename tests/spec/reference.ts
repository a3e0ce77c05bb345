// SPDX-License-Identifier: MIT
// Attention in double precision, with every option of the public API, written to be read: the
// oracle of the sweep and of the package's tests.
import type { AlignmentOptions, AttentionOptions, TensorData } from '../../bindings/js/types.js';
import { keeper } from './dropout.js';
import { products, scores, type Matrix } from './scores.js';
import { rules, visibility, type Visibility, type WeightSizes } from './visibility.js';

export interface Sizes extends WeightSizes {
  readonly keyHeads: number;
  readonly D: number;
  readonly Dk: number;
  readonly Dv: number;
}

/** Every step; scores and weights are (B, H, L, T), with T all keys, the output as the queries. */
export interface Reference {
  readonly sizes: Sizes;
  readonly visibility: Visibility;
  readonly raw: Float64Array;
  readonly capped: Float64Array;
  readonly masked: Float64Array;
  readonly weights: Float64Array;
  readonly output: Float64Array;
  /** Whether a query sees no key: (B, H, L). */
  readonly empty: boolean[];
  /** What a query gets that sees none. */
  readonly emptyRow: 'zeros' | 'nan' | 'softmax';
  /** (B, H, L): where local-p looks. */
  readonly places: Float64Array;
  /** Where number (b, h, l, d) of the output stands. */
  readonly outputPlace: (b: number, h: number, l: number, d: number) => number;
}

/** How an operand's rows lie. */
export interface Rows {
  readonly B: number;
  readonly H: number;
  readonly rows: number;
  readonly width: number;
  /** Where row i of head h of batch b begins. */
  readonly at: (b: number, h: number, i: number) => number;
}

/**
 * @param drawn - (B, H, L) the keys that 'hard-sampled' drew, or -1: no reference can know them
 */
export function reference(
  q: TensorData,
  k: TensorData,
  v: TensorData,
  options: AttentionOptions = {},
  drawn: readonly number[] = [],
): Reference {
  const rule = rules[options.convention ?? 'none'];
  const layout = options.layout ?? rule.layout;
  const heads = options.heads ?? 0;
  const queries = rowsOf(q, layout, heads);
  const [keys, values] = [k, v].map((x) => rowsOf(x, layout, options.kvHeads ?? heads)) as [
    Rows,
    Rows,
  ];
  const past = options.pastKey as TensorData | undefined;
  const P = past?.shape[2] ?? 0;
  const rank = q.shape.length;
  const sizes: Sizes = {
    B: queries.B,
    H: queries.H,
    L: queries.rows,
    T: P + keys.rows,
    P,
    hasBatch: rank === 4 || (rank === 3 && (heads > 0 || layout === 'bhld')),
    hasHeads: heads > 0 || rank === 4 || layout === 'blhd',
    keyHeads: keys.H,
    D: queries.width,
    Dk: keys.width,
    Dv: values.width,
  };
  const { B, H, L, T, Dv } = sizes;
  const seen = visibility(sizes, options);
  const count = B * H * L * T;
  const [raw, capped, masked, weights] = [0, 0, 0, 0].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const output = new Float64Array(B * H * L * Dv);
  const places = new Float64Array(B * H * L);
  const empty: boolean[] = [];
  const outputRows = rowsOf({ ...q, shape: outputShape(q, heads, Dv) }, layout, heads);
  const emptyRow = emptyRowOf(options);
  const keeps = options.dropout ? keeper(options.dropout, options.seed ?? 0) : () => true;
  const kept = 1 / (1 - (options.dropout ?? 0));
  const scale = options.scale ?? defaultScale(options, sizes.D);

  for (let b = 0; b < B; ++b) {
    for (let h = 0; h < H; ++h) {
      const g = Math.floor(h / (H / keys.H));
      const queryRows = head(q, queries, b, h);
      const keyRows = joined(past, k, keys, b, g);
      const valueRows = joined(options.pastValue as TensorData | undefined, v, values, b, g);
      const score = scores(options.score ?? 'scaled-dot', queryRows, keyRows, {
        query: matrix(options.scoreParameters?.query),
        key: matrix(options.scoreParameters?.key),
        vector: matrix(options.scoreParameters?.vector),
      });
      const guesses = predictedPlaces(queryRows, options.alignmentOptions);

      for (let l = 0; l < L; ++l) {
        const row = (b * H + h) * L + l;
        const first = row * T;
        const sees = (s: number) => seen.sees(b, h, l, s);
        let visible = 0;
        for (let s = 0; s < T; ++s) {
          const at = first + s;
          raw[at] = scale * score[l * T + s]!;
          capped[at] = cap(raw[at], options.softcap ?? 0);
          const biased = capped[at] + seen.bias(b, h, l, s);
          masked[at] = sees(s) ? biased : hiddenScore(biased, options);
          visible += Number(sees(s));
        }
        empty.push(visible === 0);
        if (seen.isPadding(b, l)) continue;
        places[row] = guesses ? seen.length(b, l) * guesses[l]! : l + seen.origin(b);

        const used = (s: number) => sees(s) || (visible === 0 && emptyRow === 'softmax');
        const shown = masked.slice(first, first + T).map((x, s) => (used(s) ? x : -Infinity));
        const aligned =
          visible === 0 && emptyRow === 'nan'
            ? new Float64Array(T).fill(NaN)
            : align(shown, options, places[row], drawn[row] ?? -1);
        for (let s = 0; s < T; ++s) {
          const weight = aligned[s]!;
          weights[first + s] = Number.isNaN(weight) || keeps(first + s) ? weight * kept : 0;
        }

        const to = outputRows.at(b, h, l);
        for (let s = 0; s < T; ++s) {
          const weight = weights[first + s]!;
          if (weight === 0) continue; // 0 times infinity is no part of a mean
          for (let d = 0; d < Dv; ++d) output[to + d]! += weight * valueRows.data[s * Dv + d]!;
        }
      }
    }
  }
  const outputPlace = (b: number, h: number, l: number, d: number) => outputRows.at(b, h, l) + d;
  const steps = { raw, capped, masked, weights, output };
  return { sizes, visibility: seen, ...steps, empty, emptyRow, places, outputPlace };
}

/** The usual factor: 1 / √D for the scaled dot product, else none. */
export function defaultScale({ score = 'scaled-dot' }: AttentionOptions, D: number): number {
  return score === 'scaled-dot' ? 1 / Math.sqrt(D) : 1;
}

/** What a query gets that sees no key. */
export function emptyRowOf(options: AttentionOptions): 'zeros' | 'nan' | 'softmax' {
  const { convention = 'none', alignment = 'softmax' } = options;
  const rule = rules[convention];
  const asked = options.weights === true || options.return?.includes('weights') === true;
  // PyTorch's module answers from another function when nobody asks for the weights
  const silent = convention === 'torch-mha' && !asked ? 'zeros' : rule.emptyRow;
  const row = options.emptyRow ?? silent;
  if (row !== 'softmax' || (options.maskValue ?? rule.maskValue) > -Infinity) return row;
  // nothing but -infinity has no softmax; alignments that are none make it zeros, and so does torch
  return alignment !== 'softmax' || convention === 'torch' ? 'zeros' : 'nan';
}

function cap(score: number, softcap: number): number {
  return softcap === 0 ? score : softcap * Math.tanh(score / softcap);
}

/** The mask value, alone or added in fp32, where -1e9 swallows most scores. */
function hiddenScore(score: number, { convention = 'none', maskValue }: AttentionOptions): number {
  const rule = rules[convention];
  if (maskValue !== undefined) return Math.fround(maskValue);
  if (!rule.addsMaskValue) return rule.maskValue;
  const sum = Math.fround(Math.fround(score) + rule.maskValue);
  return Number.isFinite(sum) ? sum : rule.maskValue;
}

/** Weights of one row of scores, -infinity where a key takes no part. */
function align(
  row: Float64Array,
  { alignment = 'softmax', alignmentOptions = {} }: AttentionOptions,
  place: number,
  drawn: number,
): Float64Array {
  const { radius = 0 } = alignmentOptions;
  const near = row.map((x, s) => (Math.abs(s - place) <= radius ? x : -Infinity));
  switch (alignment) {
    case 'hard': {
      const most = Math.max(...row);
      const choice = most === -Infinity ? -1 : row.indexOf(most);
      return row.map((_, s) => Number(s === choice));
    }
    case 'hard-sampled':
      return row.map((_, s) => Number(s === drawn));
    case 'local-m':
      return softmax(near);
    case 'local-p':
      return softmax(near).map((x, s) => x * Math.exp((-2 * (s - place) ** 2) / radius ** 2));
    default:
      return softmax(row);
  }
}

/** Of a row without a finite score: zeros. */
function softmax(row: Float64Array): Float64Array {
  const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
  if (most === -Infinity) return new Float64Array(row.length);
  const powers = row.map((x) => Math.exp(x - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / sum);
}

/** sigmoid(vᵀ tanh(W q)) for each query, if there are W and v. */
function predictedPlaces(q: Matrix, options: AlignmentOptions = {}): number[] | undefined {
  const [weight, vector] = [matrix(options.positionWeight), matrix(options.positionVector)];
  if (!weight || !vector) return undefined;
  const hidden = products(q, weight);
  return Array.from({ length: q.rows }, (_, i) => {
    let sum = 0;
    for (let m = 0; m < hidden.width; ++m) {
      sum += vector.data[m]! * Math.tanh(hidden.data[i * hidden.width + m]!);
    }
    return 1 / (1 + Math.exp(-sum));
  });
}

// --- Operands ---

/** @param heads - that the last axis is split into, or 0 */
export function rowsOf({ shape }: TensorData, layout: 'bhld' | 'blhd', heads: number): Rows {
  const rank = shape.length;
  const [last, second = 1, third = 1] = [...shape].reverse() as [number, number?, number?];
  if (heads) {
    const [B, rows, width] = [rank === 3 ? third : 1, second, last / heads];
    return { B, H: heads, rows, width, at: (b, h, i) => ((b * rows + i) * heads + h) * width };
  }
  if (layout === 'blhd') {
    const [B, rows, H, width] = [rank === 4 ? shape[0]! : 1, third, second, last];
    return { B, H, rows, width, at: (b, h, i) => ((b * rows + i) * H + h) * width };
  }
  const [B, H] = [rank === 2 ? 1 : shape[0]!, rank === 4 ? third : 1];
  return { B, H, rows: second, width: last, at: (b, h, i) => ((b * H + h) * second + i) * last };
}

function outputShape({ shape }: TensorData, heads: number, Dv: number): number[] {
  return [...shape.slice(0, -1), heads ? heads * Dv : Dv];
}

function head({ data }: TensorData, { rows, width, at }: Rows, b: number, h: number): Matrix {
  const numbers = new Float64Array(rows * width);
  for (let i = 0; i < rows; ++i) {
    for (let d = 0; d < width; ++d) numbers[i * width + d] = data[at(b, h, i) + d]!;
  }
  return { rows, width, data: numbers };
}

/** The rows of the past, (B, key heads, P, width), and then the new ones. */
function joined(
  past: TensorData | undefined,
  x: TensorData,
  rows: Rows,
  b: number,
  g: number,
): Matrix {
  const now = head(x, rows, b, g);
  if (!past) return now;
  const size = past.shape[2]! * rows.width;
  const begin = (b * rows.H + g) * size;
  const before = past.data.slice(begin, begin + size);
  const data = Float64Array.from([...before, ...Array.from(now.data)]);
  return { rows: past.shape[2]! + now.rows, width: rows.width, data };
}

function matrix(x: unknown): Matrix | undefined {
  if (x === undefined) return undefined;
  const { shape, data } = x as TensorData;
  const width = shape[shape.length - 1]!;
  return { rows: data.length / width, width, data };
}
