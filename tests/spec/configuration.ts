// SPDX-License-Identifier: MIT
// What one attention of the sweep is told: a level of each factor. Configurations are drawn until
// every two levels that do not contradict each other have met often enough.
import { Random } from './random.js';

export const factors = {
  convention: [
    'none',
    'onnx',
    'onnx-23',
    'onnx-24',
    'onnx-25',
    'torch',
    'torch-mha',
    'keras',
    'keras-attention',
    'jax',
    'd2l',
  ],
  form: ['L D', 'B L D', 'B H L D', 'B L H D', 'L H D', 'L (H D)', 'B L (H D)'],
  heads: ['one', 'several', 'grouped', 'one of keys'],
  widths: ['equal', 'of values', 'of keys'],
  score: [
    'scaled-dot',
    'dot',
    'general',
    'concat',
    'additive',
    'cosine',
    'location',
    'additive without projections',
  ],
  scale: ['default', 'given', 'negative'],
  softcap: ['no', 'yes'],
  alignment: ['softmax', 'hard', 'hard-sampled', 'local-m', 'local-p'],
  mask: ['no', '(L, S)', 'full', 'repeated', 'short'],
  keyMask: ['no', 'yes'],
  bias: ['no', 'finite', 'hiding', 'repeated', 'short'],
  keyLengths: ['no', 'of batches', 'of queries'],
  queryLengths: ['no', 'yes'],
  causal: ['no', 'yes', 'by origin'],
  origin: ['unstated', 'top-left', 'bottom-right', 'last-key', 'cache', 'offset'],
  window: ['no', 'left', 'right', 'both'],
  past: ['no', 'yes'],
  maskValue: ['default', 'given', '-infinity'],
  emptyRow: ['default', 'zeros', 'nan', 'softmax'],
  dropout: ['no', 'yes'],
  returned: ['output', 'weights', 'raw', 'capped', 'masked', 'everything'],
  hidden: ['numbers', 'NaN', 'infinities'],
  size: ['few', 'registers', 'tiles', 'blocks', 'depths'],
} as const;

export type Factor = keyof typeof factors;
export type Configuration = { -readonly [F in Factor]: (typeof factors)[F][number] };

const names = Object.keys(factors) as Factor[];
const often = 5;
const candidates = 8;

const onnx = ['onnx', 'onnx-23', 'onnx-24', 'onnx-25'];
const pads = ['onnx', 'onnx-24', 'onnx-25'];
const keepsHidden = ['keras', 'keras-attention', 'jax', 'd2l'];
const but = (factor: Factor, ...levels: string[]): string[] =>
  factors[factor].filter((level) => !levels.includes(level));

/** Levels of two factors that no attention can be told together. */
const contradictions: readonly (readonly [Factor, string[], Factor, string[]])[] = [
  // what a convention's own function cannot be told
  ['convention', onnx, 'scale', ['negative']],
  ['convention', ['onnx-23', 'onnx-24'], 'window', but('window', 'no')],
  ['convention', ['onnx-23'], 'keyLengths', but('keyLengths', 'no')],
  ['convention', ['onnx-23'], 'origin', ['last-key']],
  ['convention', but('convention', ...pads), 'mask', ['short']],
  ['convention', but('convention', ...pads), 'bias', ['short']],
  ['scale', ['negative'], 'mask', ['short']],
  ['scale', ['negative'], 'bias', ['short']],
  // what does not fit together
  ['form', ['L D', 'B L D'], 'heads', but('heads', 'one')],
  ['widths', ['of keys'], 'score', but('score', 'general', 'concat', 'additive', 'location')],
  ['keyLengths', but('keyLengths', 'of batches'), 'origin', ['last-key']],
  ['alignment', but('alignment', 'softmax'), 'maskValue', ['given']],
  ['causal', ['by origin'], 'origin', ['unstated']],
];

function contradict(a: Factor, x: string, b: Factor, y: string): boolean {
  return contradictions.some(
    ([first, levels, second, others]) =>
      (first === a && second === b && levels.includes(x) && others.includes(y)) ||
      (first === b && second === a && levels.includes(y) && others.includes(x)),
  );
}

function possible(c: Configuration): boolean {
  const two = contradictions.some(
    ([first, levels, second, others]) => levels.includes(c[first]) && others.includes(c[second]),
  );
  // three that contradict each other while every two of them go together
  const cached = onnx.includes(c.convention) && c.keyLengths !== 'no' && c.past === 'yes';
  const masked = c.mask !== 'no' || c.bias !== 'no';
  const both = c.convention === 'torch' && c.causal !== 'no' && masked;
  const keeps = keepsHidden.includes(c.convention) && c.maskValue !== '-infinity';
  return !two && !cached && !both && !(keeps && c.alignment !== 'softmax');
}

/** How often every two levels have met. */
export class Pairs {
  readonly #met = new Map<string, number>();

  static *of(c: Configuration): Generator<string> {
    for (let i = 0; i < names.length; ++i) {
      for (let j = i + 1; j < names.length; ++j) {
        const [a, b] = [names[i]!, names[j]!];
        yield `${a} ${c[a]} with ${b} ${c[b]}`;
      }
    }
  }

  count(c: Configuration): void {
    for (const pair of Pairs.of(c)) this.#met.set(pair, (this.#met.get(pair) ?? 0) + 1);
  }

  /** How many pairs of a configuration have not met often enough. */
  rare(c: Configuration): number {
    let found = 0;
    for (const pair of Pairs.of(c)) found += Number((this.#met.get(pair) ?? 0) < often);
    return found;
  }

  /** All pairs that do not contradict each other, and the fewest meetings of one. */
  summary(): { pairs: number; fewest: number; which: string } {
    let pairs = 0;
    let [fewest, which] = [Infinity, ''];
    names.forEach((a, i) => {
      for (const b of names.slice(i + 1)) {
        for (const x of factors[a]) {
          for (const y of factors[b]) {
            if (contradict(a, x, b, y)) continue;
            ++pairs;
            const pair = `${a} ${x} with ${b} ${y}`;
            const met = this.#met.get(pair) ?? 0;
            if (met < fewest) [fewest, which] = [met, pair];
          }
        }
      }
    });
    return { pairs, fewest, which };
  }
}

/** Of eight drawn configurations each time the one with the most pairs that are still rare. */
export function draw(
  count: number,
  seed: number,
  suits: (c: Configuration) => boolean = () => true,
): Configuration[] {
  const random = new Random(seed);
  const one = (): Configuration => {
    const convention = random.pick(factors.convention);
    for (;;) {
      const levels = names.map((name) => [name, random.pick<string>(factors[name])] as const);
      const c = { ...Object.fromEntries(levels), convention } as Configuration;
      // the largest sizes are rare, for the time that they take; what has a form that keeps no
      // weights is frequent
      const large = c.size !== 'few' && c.size !== 'registers';
      if (large && random.uniform() < 0.6) c.size = random.pick(['few', 'registers']);
      if (random.uniform() < 0.4) c.score = random.pick(['scaled-dot', 'dot']);
      if (random.uniform() < 0.4) c.alignment = 'softmax';
      if (possible(c) && suits(c)) return c;
    }
  };
  const pairs = new Pairs();
  return Array.from({ length: count }, () => {
    let best = one();
    let most = pairs.rare(best);
    for (let i = 1; i < candidates && most > 0; ++i) {
      const other = one();
      const rare = pairs.rare(other);
      if (rare > most) [best, most] = [other, rare];
    }
    pairs.count(best);
    return best;
  });
}
