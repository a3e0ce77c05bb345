// SPDX-License-Identifier: MIT
// The gradients of some hundred attentions of the sweep, through the public API: the derivative along
// one random direction of each operand, against differences of the reference in double precision.
// Natively every single derivative is compared, by dual numbers.
import type { AttentionOptions, Lab, Tensor, TensorData } from '../../bindings/js/types.js';
import { bounds } from './bounds.js';
import { draw, type Configuration } from './configuration.js';
import { poison } from './poison.js';
import { problem, type Problem } from './problem.js';
import { Random } from './random.js';
import { reference, type Reference } from './reference.js';
import { add, newTally, undecidedRows, type Tally } from './sweep.js';
import { rules } from './visibility.js';

export interface GradientReport {
  readonly all: Tally;
  /** What was wrong, in words: the first twenty. */
  readonly failures: string[];
}

/**
 * Gradients are sums of some hundred products of numbers that are off by ten roundings of 6e-8; a
 * difference over 2e-5 in double precision is off by 1e-9. Where local-p looks is off by a share of
 * the keys, which its Gaussian's slope, at most 4 / radius, makes of both factors of a product.
 */
const tolerance = 1e-5;
const step = 1e-5;

export function sweepGradients(regard: Lab, count = 300, seed = 20261121): GradientReport {
  const all = newTally();
  const failures: string[] = [];
  // a choice has no gradient; sizes past the first tile are compared natively
  const suits = (c: Configuration) => !c.alignment.startsWith('hard') && c.size !== 'depths';
  draw(count, seed, suits).forEach((configuration, i) => {
    let given = problem(configuration, seed + i);
    for (let again = 1; !hasGradient(given); ++again) {
      given = problem(configuration, seed + i + 1e5 * again);
    }
    try {
      const tally = regard.scope(() => {
        return compare(regard, given, configuration, (what) => failures.push(`${i}: ${what}`));
      });
      add(all, tally);
    } catch (error) {
      failures.push(`${i}: ${String(error)}; ${JSON.stringify(configuration)}`);
    }
  });
  return { all, failures: failures.slice(0, 20) };
}

// Whether the derivative exists and differences see it: no row is NaN, nor of scores that a large
// mask value swallows, nor near the edge of another set of keys.
function hasGradient({ q, k, v, options }: Problem): boolean {
  const answer = reference(q, k, v, options);
  const { addsMaskValue = false } = rules[options.convention ?? 'none'];
  const swallowed = addsMaskValue && options.maskValue === undefined;
  const { emptyRow, empty } = answer;
  const unfit = emptyRow === 'nan' || (emptyRow === 'softmax' && swallowed);
  return !(unfit && empty.includes(true)) && !undecidedRows(answer, options).includes(true);
}

/** All that has a gradient, by name. */
type Operands = Record<string, TensorData>;

function operandsOf({ q, k, v, options }: Problem): Operands {
  const { bias, pastKey, pastValue, scoreParameters = {}, alignmentOptions = {} } = options;
  const { positionWeight, positionVector } = alignmentOptions;
  const { query, key, vector } = scoreParameters;
  const all = { q, k, v, bias, pastKey, pastValue, query, key, vector };
  const named = Object.entries({ ...all, positionWeight, positionVector });
  return Object.fromEntries(named.filter(([, x]) => x !== undefined)) as Operands;
}

function optionsWith(options: AttentionOptions, operands: Operands | Record<string, Tensor>) {
  const { bias, pastKey, pastValue, query, key, vector } = operands;
  const { positionWeight, positionVector } = operands;
  return {
    ...options,
    ...(bias && { bias }),
    ...(pastKey && { pastKey, pastValue: operands['pastValue']! }),
    ...(pastValue && { pastValue }),
    ...(options.scoreParameters && {
      scoreParameters: {
        ...(query && { query }),
        ...(key && { key }),
        ...(vector && { vector }),
      },
    }),
    ...(positionWeight && {
      alignmentOptions: {
        ...options.alignmentOptions,
        positionWeight,
        positionVector: positionVector!,
      },
    }),
  };
}

function compare(
  regard: Lab,
  given: Problem,
  configuration: Configuration,
  fail: (what: string) => void,
): Tally {
  const { options } = given;
  const point = operandsOf(given);
  const answer = reference(given.q, given.k, given.v, options);
  const random = new Random(7);
  const arriving = Float32Array.from(answer.output, () => random.normal());
  const hidden = poison(given, configuration.hidden, answer, false);

  // the engine's, where hidden keys hold something else
  const changed = { ...point, k: hidden.k, v: hidden.v, ...hidden.past };
  const inputs = Object.fromEntries(
    Object.entries(changed).map(([name, x]) => [name, regard.parameter(x)]),
  );
  const { score = 'scaled-dot', alignment = 'softmax' } = options;
  const tiles = /dot/.test(score) && alignment === 'softmax' && configuration.returned === 'output';
  const told = { ...optionsWith(options, inputs), ...(tiles && { form: 'tiled' as const }) };
  const { output } = regard.attention(inputs['q']!, inputs['k']!, inputs['v']!, told);
  output.mul({ shape: output.shape, data: arriving }).sum().backward();
  const slopes = Object.fromEntries(
    Object.entries(inputs).map(([name, x]) => [name, x.grad?.data ?? x.data.map(() => 0)]),
  );
  const length = Object.values(slopes).reduce((most, x) => Math.max(most, Math.hypot(...x)), 0.1);

  const { radius = 1 } = options.alignmentOptions ?? {};
  const allowed = tolerance + (8 / Math.max(radius, 1)) * bounds(answer, given).place;
  const tally = { ...newTally(), configurations: 1 };
  for (const [name, x] of Object.entries(point)) {
    const direction = Float64Array.from(x.data, () => random.normal());
    const at = (sign: number): number => {
      const moved = Float64Array.from(x.data, (value, i) => value + sign * step * direction[i]!);
      const all = { ...point, [name]: { shape: x.shape, data: moved } } as unknown as Operands;
      const y: Reference = reference(all['q']!, all['k']!, all['v']!, optionsWith(options, all));
      return y.output.reduce((sum, value, i) => sum + value * arriving[i]!, 0);
    };
    const expected = (at(1) - at(-1)) / (2 * step);
    const actual = slopes[name]!.reduce((sum, slope, i) => sum + slope * direction[i]!, 0);
    const error = Math.abs(actual - expected) / length;
    ++tally.numbers;
    tally.largestError = Math.max(tally.largestError, error);
    tally.largestShare = Math.max(tally.largestShare, error / allowed);
    if (!(error <= allowed)) {
      fail(
        `the derivative of ${name} is ${actual}, expected ${expected}; ${JSON.stringify(configuration)}`,
      );
    }
  }
  return tally;
}
