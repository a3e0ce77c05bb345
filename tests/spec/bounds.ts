// SPDX-License-Identifier: MIT
// How far fp32 may be from the reference, from the number of roundings on the way [Higham 2002,
// section 3.1]: a sum of n products is within n + 2 roundings of the sum of their sizes, in any
// order, and that is at most the product of the two vectors' lengths.
import type { TensorData } from '../../bindings/js/types.js';
import type { Problem } from './problem.js';
import { defaultScale, type Reference } from './reference.js';

/** The relative error of one rounding to fp32. */
const rounding = 2 ** -24;
/** How many roundings an exponential or a tanh is worse than that. */
const ofFunction = 4;

export interface Bounds {
  readonly raw: number;
  readonly capped: number;
  readonly masked: number;
  readonly weights: number;
  readonly output: number;
  /** Of the places where local-p looks, in keys. */
  readonly place: number;
}

export function bounds(answer: Reference, { q, k, v, options }: Problem): Bounds {
  const { sizes } = answer;
  const { T, D, Dk } = sizes;
  const { scoreParameters = {}, alignmentOptions = {}, softcap = 0, dropout = 0 } = options;
  const lengthOf = (x: unknown, width: number) => longestRow(x as TensorData | undefined, width);
  const queries = lengthOf(q, D);
  const keys = Math.max(lengthOf(k, Dk), lengthOf(options.pastKey, Dk));

  // v tanh(…): each argument's error, and that of the sum of tanh times v
  const vector = (scoreParameters.vector as TensorData | undefined)?.data ?? [];
  const ofTanh = (argument: number, v: ArrayLike<number>) =>
    sizesOf(v) * (argument + (v.length + 2 + ofFunction) * rounding);

  const score = (() => {
    const { query, key } = scoreParameters;
    switch (options.score) {
      case 'general': {
        const all = lengthOf(query, (query as TensorData).data.length);
        return (D + Dk + 4) * rounding * queries * all * keys;
      }
      case 'additive': {
        const [W, U] = [query ? lengthOf(query, D) : 1, key ? lengthOf(key, Dk) : 1];
        return ofTanh(((D + 3) * W * queries + (Dk + 3) * U * keys) * rounding, vector);
      }
      case 'concat': {
        const W = lengthOf(query, D + Dk);
        return ofTanh(((D + 3) * queries + (Dk + 3) * keys) * W * rounding, vector);
      }
      case 'cosine': // of vectors of length 1, which were divided by theirs
        return (3 * D + 12) * rounding;
      case 'location':
        return (D + 2) * rounding * queries * lengthOf(query, D);
      default:
        return (D + 2) * rounding * queries * keys;
    }
  })();
  const scale = Math.abs(options.scale ?? defaultScale(options, D));
  const raw = scale * score + 3 * rounding * largest(answer.raw);

  // the softcap's slope is at most 1
  const capped = raw + (softcap ? (ofFunction + 3) * rounding * softcap : 0);
  const masked = capped + 2 * rounding * largest(answer.masked.filter((x) => Math.abs(x) < 1e3));

  // a weight is e^score over a sum of T of these, and of local-p times a Gaussian around a place
  // that a sigmoid, of slope at most 1/4, makes of T
  const { radius = 1, positionWeight, positionVector } = alignmentOptions;
  const place = (() => {
    if (options.alignment !== 'local-p') return 0;
    const argument = (D + 2) * rounding * queries * lengthOf(positionWeight, D);
    const sum = ofTanh(argument, (positionVector as TensorData).data);
    return (T / 4) * sum + (ofFunction + 3) * rounding * T;
  })();
  const relative =
    2 * masked + (T + 2 * ofFunction + 4) * rounding + (4 / Math.max(radius, 1)) * place;
  const kept = 1 / (1 - dropout);
  const weights = kept * relative;
  // weights sum to 1, or to what dropout makes of that
  const values = Math.max(largest(v.data), largestOfOptional(options.pastValue));
  const output = kept * values * (relative + (T + 2) * rounding);
  return { raw, capped, masked, weights, output, place };
}

function longestRow(x: TensorData | undefined, width: number): number {
  if (!x) return 0;
  let most = 0;
  for (let first = 0; first < x.data.length; first += width) {
    let squares = 0;
    for (let i = first; i < first + width; ++i) squares += x.data[i]! ** 2;
    most = Math.max(most, squares);
  }
  return Math.sqrt(most);
}

function sizesOf(numbers: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; ++i) sum += Math.abs(numbers[i]!);
  return sum;
}

function largest(numbers: Float32Array | Float64Array): number {
  let most = 0;
  for (const x of numbers) if (Number.isFinite(x)) most = Math.max(most, Math.abs(x));
  return most;
}

function largestOfOptional(x: unknown): number {
  return x === undefined ? 0 : largest((x as TensorData).data);
}
