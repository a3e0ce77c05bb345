// SPDX-License-Identifier: MIT
// 2,000 attentions through the public API, in which every two options that go together meet at least
// five times, against the reference in double precision. It knows neither Jest nor Node: the same
// module runs in browsers.
import type {
  Attention,
  AttentionOptions,
  PlainTensor,
  Regard,
  TensorData,
} from '../../bindings/js/types.js';
import { bounds } from './bounds.js';
import { draw, factors, Pairs, type Configuration, type Factor } from './configuration.js';
import { poison } from './poison.js';
import { problem, type Problem } from './problem.js';
import { reference, type Reference } from './reference.js';

export interface Tally {
  configurations: number;
  numbers: number;
  /** In units of the largest number of its tensor, or of 1. */
  largestError: number;
  /** Of the bound that the roundings give. */
  largestShare: number;
}

export interface SweepReport {
  readonly name: string;
  readonly all: Tally;
  readonly pairs: number;
  readonly fewestMeetings: number;
  readonly rarest: string;
  readonly rows: number;
  readonly emptyRows: number;
  /** Configurations whose hidden keys held NaN or infinities. */
  readonly withHiddenNaNOrInfinity: number;
  readonly factors: Record<string, Record<string, Tally>>;
  /** What was wrong, in words: the first twenty. */
  readonly failures: string[];
}

const steps = ['raw', 'capped', 'masked', 'weights'] as const;

/** @param seed - another seed is another sweep */
export function sweep(regard: Regard, count = 2000, seed = 20261120): SweepReport {
  const all = newTally();
  const pairs = new Pairs();
  const byFactor: Record<string, Record<string, Tally>> = {};
  const failures: string[] = [];
  let [rows, emptyRows, poisoned] = [0, 0, 0];

  draw(count, seed).forEach((configuration, i) => {
    pairs.count(configuration);
    const check = new Check(regard, problem(configuration, seed + 1 + i), configuration);
    try {
      regard.scope(() => check.run());
    } catch (error) {
      check.failures.push(String(error));
    }
    rows += check.rows;
    emptyRows += check.emptyRows;
    poisoned += Number(check.poisoned);
    add(all, check.tally);
    for (const factor of Object.keys(factors) as Factor[]) {
      const levels = (byFactor[factor] ??= {});
      add((levels[configuration[factor]] ??= newTally()), check.tally);
    }
    const [first] = check.failures;
    if (first !== undefined && failures.length < 20) {
      failures.push(`${i}: ${first}; ${JSON.stringify(configuration)}`);
    }
  });

  const { pairs: possible, fewest, which } = pairs.summary();
  return {
    name: 'sweep',
    all,
    pairs: possible,
    fewestMeetings: fewest,
    rarest: which,
    rows,
    emptyRows,
    withHiddenNaNOrInfinity: poisoned,
    factors: byFactor,
    failures,
  };
}

export function newTally(): Tally {
  return { configurations: 0, numbers: 0, largestError: 0, largestShare: 0 };
}

export function add(to: Tally, from: Tally): void {
  to.configurations += from.configurations;
  to.numbers += from.numbers;
  to.largestError = Math.max(to.largestError, from.largestError);
  to.largestShare = Math.max(to.largestShare, from.largestShare);
}

/** One problem, solved and compared. */
class Check {
  readonly tally = { ...newTally(), configurations: 1 };
  readonly failures: string[] = [];
  rows = 0;
  emptyRows = 0;
  poisoned = false;
  readonly #regard: Regard;
  readonly #problem: Problem;
  readonly #configuration: Configuration;

  constructor(regard: Regard, given: Problem, configuration: Configuration) {
    this.#regard = regard;
    this.#problem = given;
    this.#configuration = configuration;
  }

  run(): void {
    const { q, k, v, options } = this.#problem;
    const asked: AttentionOptions = { ...options, return: [...steps], weights: true };
    const { score = 'scaled-dot', alignment = 'softmax', edits } = options;
    const tiles = /dot/.test(score) && alignment === 'softmax' && !edits;
    const silent: AttentionOptions = {
      ...options,
      return: [],
      weights: false,
      ...(tiles && { form: 'tiled' as const }),
    };
    const drawn = this.#drawn(asked);
    const expected = reference(q, k, v, asked, drawn);
    const undecided = undecidedRows(expected, asked);
    const bound = bounds(expected, this.#problem);
    this.#count(expected);

    const all = this.#regard.attention(q, k, v, asked);
    for (const step of steps) {
      const rows = step === 'weights' ? undecided : undefined;
      this.#compare(step, all[step]!.data, expected[step], bound[step], expected, rows);
    }
    this.#compareOutput('output', all, expected, expected, bound.output, undecided);

    const alone = this.#regard.attention(q, k, v, silent);
    const unasked =
      options.convention === 'torch-mha' ? reference(q, k, v, silent, drawn) : expected;
    this.#compareOutput('output alone', alone, unasked, expected, bound.output, undecided);

    // what was asked for is there, and nothing else
    const given = this.#regard.attention(q, k, v, options);
    const names = new Set([...(options.return ?? []), ...(options.weights ? ['weights'] : [])]);
    for (const step of steps) {
      if (names.has(step) !== (given[step] !== undefined)) this.#fail(`${step} is there or not`);
      if (given[step] && !same(given[step].data, all[step]!.data)) this.#fail(`${step} differs`);
    }
    this.#expectPresent(all);
    this.#expectNoInfluence(expected, asked, silent, all, alone);
  }

  #fail(what: string): void {
    this.failures.push(what);
  }

  #count({ sizes: { B, H, L }, visibility, empty }: Reference): void {
    for (let row = 0; row < B * H * L; ++row) {
      if (visibility.isPadding(Math.floor(row / (H * L)), row % L)) continue;
      ++this.rows;
      this.emptyRows += Number(empty[row]);
    }
  }

  /** The keys that 'hard-sampled' draws, from weights that nothing is dropped of. */
  #drawn(asked: AttentionOptions): number[] {
    if (asked.alignment !== 'hard-sampled') return [];
    const { q, k, v } = this.#problem;
    const weights = this.#regard.attention(q, k, v, { ...asked, dropout: 0 }).weights!;
    const T = weights.shape[weights.shape.length - 1]!;
    return Array.from({ length: weights.data.length / T }, (_, row) => {
      const values = weights.data.subarray(row * T, (row + 1) * T);
      const ones = values.filter((x) => x === 1).length;
      if (ones > 1 || values.some((x) => x !== 0 && x !== 1 && !Number.isNaN(x))) {
        this.#fail('a draw of more than one key');
      }
      return values.indexOf(1);
    });
  }

  #number(what: string, actual: number, expected: number, bound: number, largest: number): void {
    ++this.tally.numbers;
    if (Object.is(actual, expected) || actual === expected) return;
    const distance = Math.abs(actual - expected);
    if (!(distance <= bound)) {
      this.#fail(`${what} is ${actual}, expected ${expected} within ${bound}`);
      return;
    }
    this.tally.largestError = Math.max(this.tally.largestError, distance / largest);
    this.tally.largestShare = Math.max(this.tally.largestShare, distance / bound);
  }

  #compare(
    what: string,
    actual: Float32Array,
    expected: Float64Array,
    bound: number,
    { sizes: { T } }: Reference,
    undecided?: boolean[],
  ): void {
    if (actual.length !== expected.length) {
      this.#fail(`${what} has ${actual.length} numbers`);
      return;
    }
    const largest = largestOf(expected);
    expected.forEach((x, i) => {
      if (undecided?.[Math.floor(i / T)]) return;
      this.#number(what, actual[i]!, x, bound, largest);
    });
  }

  #compareOutput(
    what: string,
    { output }: Attention<PlainTensor>,
    expected: Reference,
    { sizes: { B, H, L, Dv }, outputPlace }: Reference,
    bound: number,
    undecided: boolean[],
  ): void {
    const largest = largestOf(expected.output);
    forRows(B, H, L, (b, h, l, row) => {
      if (undecided[row]) return;
      for (let d = 0; d < Dv; ++d) {
        const at = outputPlace(b, h, l, d);
        this.#number(what, output.data[at]!, expected.output[at]!, bound, largest);
      }
    });
  }

  // Present keys begin with those of the past.
  #expectPresent({ presentKey, presentValue }: Attention<PlainTensor>): void {
    const { pastKey, pastValue } = this.#problem.options as Record<string, TensorData | undefined>;
    for (const [past, present] of [
      [pastKey, presentKey],
      [pastValue, presentValue],
    ] as const) {
      if ((past === undefined) !== (present === undefined)) this.#fail('present keys');
      if (!past || !present) continue;
      const [before, now] = [past, present].map(({ shape }) => shape[2]! * shape[3]!) as [
        number,
        number,
      ];
      for (let head = 0; head < past.shape[0]! * past.shape[1]!; ++head) {
        const first = past.data.subarray(head * before, (head + 1) * before);
        const kept = present.data.subarray(head * now, head * now + before);
        if (!same(first, kept)) this.#fail('the past is not what it was');
      }
    }
  }

  // Other numbers in the keys and values that a query does not use change no bit of what it gets.
  #expectNoInfluence(
    expected: Reference,
    asked: AttentionOptions,
    silent: AttentionOptions,
    all: Attention<PlainTensor>,
    alone: Attention<PlainTensor>,
  ): void {
    const { sizes, outputPlace } = expected;
    const { B, H, L, T, Dv } = sizes;
    const { k, v, past, met, finite } = poison(this.#problem, this.#configuration.hidden, expected);
    this.poisoned = !finite;
    const { q } = this.#problem;
    const other = this.#regard.attention(q, k, v, { ...asked, ...past });
    const otherAlone = this.#regard.attention(q, k, v, { ...silent, ...past });
    forRows(B, H, L, (b, h, l, row) => {
      if (met(b, h, l)) return;
      for (let s = 0; s < T; ++s) {
        const at = row * T + s;
        if (!Object.is(all.weights!.data[at], other.weights!.data[at])) {
          this.#fail(`a hidden key changes a weight from ${all.weights!.data[at]}`);
        }
      }
      for (let d = 0; d < Dv; ++d) {
        const at = outputPlace(b, h, l, d);
        const pairs = [
          [all.output.data[at]!, other.output.data[at]!],
          [alone.output.data[at]!, otherAlone.output.data[at]!],
        ] as const;
        for (const [before, after] of pairs) {
          if (Object.is(before, after)) continue;
          this.#fail(`a hidden key changes the output from ${before} to ${after}`);
        }
      }
    });
  }
}

function forRows(
  B: number,
  H: number,
  L: number,
  body: (b: number, h: number, l: number, row: number) => void,
): void {
  for (let row = 0; row < B * H * L; ++row) {
    body(Math.floor(row / (H * L)), Math.floor(row / L) % H, row % L, row);
  }
}

function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; ++i) if (!Object.is(a[i], b[i])) return false;
  return a.length === b.length;
}

function largestOf(numbers: Float64Array): number {
  return numbers.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1);
}

/** Rows whose weights hang on a comparison that is too close for fp32. */
export function undecidedRows(expected: Reference, { alignment }: AttentionOptions): boolean[] {
  const { sizes, visibility, masked, places } = expected;
  const { B, H, L, T } = sizes;
  const undecided: boolean[] = [];
  forRows(B, H, L, (b, h, l, row) => {
    if (alignment === 'local-p') {
      const place = places[row]!;
      undecided.push(Math.abs(place - Math.round(place)) < 1e-3);
      return;
    }
    if (alignment !== 'hard') {
      undecided.push(false);
      return;
    }
    const seen = [...masked.subarray(row * T, (row + 1) * T)].filter((_, s) =>
      visibility.sees(b, h, l, s),
    );
    const [first = 0, second = -Infinity] = seen.sort((x, y) => y - x);
    undecided.push(first - second < 1e-4);
  });
  return undecided;
}
