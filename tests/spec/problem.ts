// SPDX-License-Identifier: MIT
// One configuration of the sweep with numbers: operands and options as a caller would write them.
import type { AttentionOptions, TensorData } from '../../bindings/js/types.js';
import type { Configuration } from './configuration.js';
import { Random } from './random.js';
import { rules, type Rules } from './visibility.js';

export interface Problem {
  readonly q: TensorData;
  readonly k: TensorData;
  readonly v: TensorData;
  readonly options: AttentionOptions;
}

interface Sizes {
  B: number;
  H: number;
  keyHeads: number;
  L: number;
  P: number;
  S: number;
  D: number;
  Dk: number;
  Dv: number;
  M: number;
}

/** Sizes around the edges of SIMD registers of 4, of tiles and of blocks. */
const edges = {
  registers: [3, 4, 5, 7, 8, 9, 15, 16, 17],
  tiles: [31, 32, 33, 47, 48, 49, 63, 64, 65],
  blocks: [95, 96, 97, 127, 128, 129],
  depths: [255, 256, 257],
};

export function problem(c: Configuration, seed: number): Problem {
  const random = new Random(seed);
  const rule = rules[c.convention];
  const sizes = sizesOf(c, rule, random);
  const { B, H, keyHeads, L, P, S, D, Dk, Dv } = sizes;
  const T = P + S;
  const options: AttentionOptions = {
    ...(c.convention !== 'none' && { convention: c.convention }),
  };
  const numbers = (shape: number[], deviation = 1): TensorData =>
    filled(shape, () => deviation * random.normal());
  const narrow = (width: number) => 1 / Math.sqrt(width);

  if (c.form.endsWith('(H D)')) {
    options.heads = H;
    if (keyHeads !== H || random.uniform() < 0.5) options.kvHeads = keyHeads;
  } else {
    const layout = c.form.endsWith('H D') ? 'blhd' : 'bhld';
    if (layout !== rule.layout || random.uniform() < 0.5) options.layout = layout;
  }
  // so that most scores stay below 4 whatever the score is
  const q = numbers(shapeOf(c, B, H, L, D), c.score === 'scaled-dot' ? 1 : narrow(D));
  const k = numbers(shapeOf(c, B, keyHeads, S, Dk));
  const v = numbers(shapeOf(c, B, keyHeads, S, Dv));
  if (c.past === 'yes') {
    options.pastKey = numbers([B, keyHeads, P, Dk]);
    options.pastValue = numbers([B, keyHeads, P, Dv]);
  }

  tellScore(c, sizes, options, random, numbers);
  if (c.scale !== 'default') {
    const size = (0.5 + random.uniform()) * (c.score === 'scaled-dot' ? narrow(D) : 1);
    options.scale = Math.fround(c.scale === 'negative' ? -size : size);
  }
  if (c.softcap === 'yes') options.softcap = Math.fround(1 + 3 * random.uniform());
  tellVisibility(c, sizes, options, random, rule, T);
  if (c.dropout === 'yes') Object.assign(options, { dropout: 0.25, seed: random.below(1e9) });

  if (c.returned === 'everything') options.return = ['raw', 'capped', 'masked', 'weights'];
  else if (c.returned === 'weights' && random.uniform() < 0.5) options.weights = true;
  else if (c.returned !== 'output') options.return = [c.returned];
  return { q, k, v, options };
}

function sizesOf(c: Configuration, rule: Rules, random: Random): Sizes {
  const few = () => random.between(1, 9);
  const [L, S, D, Dv] = [few(), few(), few(), few()];
  const s: Sizes = {
    B: 1,
    H: 1,
    keyHeads: 1,
    L,
    P: 0,
    S,
    D,
    Dk: D,
    Dv: D,
    M: random.between(1, 6),
  };
  let other = Dv;
  if (c.size === 'registers') {
    for (const axis of ['L', 'S', 'D'] as const) {
      if (random.uniform() < 0.5) s[axis] = random.pick(edges.registers);
    }
    other = random.pick([other, ...edges.registers]);
  } else if (c.size !== 'few') {
    const axis = random.pick(['L', 'S', 'S', 'D', 'Dv'] as const);
    const edge = random.pick(edges[c.size]);
    if (axis === 'Dv') other = edge;
    else s[axis] = edge;
    // two keys' tiles and a part, so that a first tile can be hidden as a whole
    if (axis === 'S' && c.size === 'depths' && random.uniform() < 0.3) s.S = 513;
  }
  const large = c.size !== 'few' && c.size !== 'registers';
  if (c.form.startsWith('B')) s.B = random.between(1, large ? 2 : 3);
  if (c.heads === 'several') s.H = s.keyHeads = large ? 2 : 3;
  if (c.heads === 'grouped') [s.H, s.keyHeads] = [4, 2];
  if (c.heads === 'one of keys') s.H = large ? 2 : 3;
  if (c.past === 'yes') s.P = random.between(1, 6);
  s.Dk = c.widths === 'of keys' ? (s.D > 1 && random.uniform() < 0.5 ? s.D - 1 : s.D + 2) : s.D;
  s.Dv = c.widths !== 'of values' ? s.D : other === s.D ? s.D + 1 : other;
  if (c.score === 'additive without projections') s.M = s.D;
  if (c.mask === 'short' || c.bias === 'short') s.S = Math.max(s.S, 3);
  // refused otherwise: plain causal could begin at either end
  const ambiguous = rule.origin === undefined && c.origin === 'unstated';
  if (ambiguous && (c.causal !== 'no' || c.window !== 'no')) s.L = s.S;
  return s;
}

function shapeOf(c: Configuration, B: number, H: number, rows: number, width: number): number[] {
  switch (c.form) {
    case 'L D':
      return [rows, width];
    case 'B L D':
      return [B, rows, width];
    case 'B H L D':
      return [B, H, rows, width];
    case 'B L H D':
      return [B, rows, H, width];
    case 'L H D':
      return [rows, H, width];
    case 'L (H D)':
      return [rows, H * width];
    case 'B L (H D)':
      return [B, rows, H * width];
  }
}

export function filled(shape: readonly number[], next: (i: number) => number): TensorData {
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length: count }, (_, i) => next(i)) };
}

type Numbers = (shape: number[], deviation?: number) => TensorData;

function tellScore(
  c: Configuration,
  { P, S, D, Dk, M }: Sizes,
  options: AttentionOptions,
  random: Random,
  numbers: Numbers,
): void {
  const narrow = (width: number) => 1 / Math.sqrt(width);
  const score = c.score === 'additive without projections' ? 'additive' : c.score;
  if (score !== 'scaled-dot' || random.uniform() < 0.5) options.score = score;
  switch (c.score) {
    case 'general':
      options.scoreParameters = { query: numbers([D, Dk], narrow(Dk)) };
      break;
    case 'concat':
      options.scoreParameters = {
        query: numbers([M, D + Dk], narrow(Dk)),
        vector: numbers([M]),
      };
      break;
    case 'additive':
      options.scoreParameters = {
        query: numbers([M, D], narrow(D)),
        key: numbers([M, Dk], narrow(Dk)),
        vector: numbers([M]),
      };
      break;
    case 'additive without projections':
      options.scoreParameters = { vector: numbers([M], narrow(M)) };
      break;
    case 'location':
      options.scoreParameters = { query: numbers([P + S + random.between(0, 2), D]) };
      break;
  }
  if (c.alignment !== 'softmax') options.alignment = c.alignment;
  if (c.alignment === 'hard-sampled') options.alignmentOptions = { seed: random.below(1e9) };
  if (c.alignment === 'local-m') options.alignmentOptions = { radius: random.between(0, 4) };
  if (c.alignment === 'local-p') {
    options.alignmentOptions = {
      radius: random.between(1, 5),
      positionWeight: numbers([M, D], narrow(D)),
      positionVector: numbers([M]),
    };
  }
}

function tellVisibility(
  c: Configuration,
  { B, H, L }: Sizes,
  options: AttentionOptions,
  random: Random,
  rule: Rules,
  T: number,
): void {
  const hasBatch = c.form.startsWith('B');
  const hasHeads = c.form.includes('H');
  const all = [...(hasBatch ? [B] : []), ...(hasHeads ? [H] : []), L, T];

  // The shape of a mask or bias, by what the convention lets it be.
  const shapeOfMask = (kind: string): number[] => {
    if (kind === '(L, S)') return [L, T];
    if (rule.axes === 'batch-heads' && !(all.length === 4 && random.uniform() < 0.5)) {
      return kind === 'repeated' ? [L, 1] : [B * H, L, T];
    }
    const three = rule.axes === 'batches' && (all.length === 3 || random.uniform() < 0.5);
    let shape = three ? [B, L, T] : [...all];
    if (kind === 'repeated') {
      const certain = random.below(shape.length);
      shape = shape.map((size, i) => {
        // where masks may be short, a last axis of 1 is short
        if (i === shape.length - 1 && rule.pads) return size;
        return i === certain || random.uniform() < 0.3 ? 1 : size;
      });
      while (rule.axes === 'aligned' && shape.length > 1 && random.uniform() < 0.4) shape.shift();
    }
    if (kind === 'short') shape[shape.length - 1] = random.between(1, T - 1);
    return shape;
  };
  // Most are shown, and of thirty rows one shows none.
  const shown = (shape: number[], probability = 0.85): TensorData => {
    const width = shape[shape.length - 1]!;
    let none = false;
    return filled(shape, (i) => {
      if (i % width === 0) none = random.uniform() < 1 / 30;
      const shows = !none && (width === 1 || random.uniform() < probability);
      return Number(shows === rule.trueAttends);
    });
  };

  if (c.mask !== 'no') options.mask = shown(shapeOfMask(c.mask));
  if (c.bias !== 'no') {
    const kind = { finite: 'full', hiding: '(L, S)' }[c.bias as string] ?? c.bias;
    const bias = filled(shapeOfMask(kind), () => random.normal());
    if (c.bias === 'hiding') {
      shown([...bias.shape]).data.forEach((x, i) => {
        if ((x !== 0) !== rule.trueAttends) bias.data[i] = -Infinity;
      });
    }
    options.bias = bias;
  }
  if (c.keyMask === 'yes') options.keyMask = shown(hasBatch ? [B, T] : [T]);

  const some = (count: number, next: () => number) => Array.from({ length: count }, next);
  // a window around the last key is refused where there is none
  const none = () => c.window === 'no' && random.uniform() < 0.04;
  const length = () => (none() ? 0 : random.between(Math.ceil(T / 2), T));
  if (c.keyLengths === 'of batches') options.keyLengths = some(B, length);
  if (c.keyLengths === 'of queries') {
    options.keyLengths = Array.from({ length: B }, () => some(L, length));
  }
  if (c.queryLengths === 'yes') {
    options.queryLengths = some(B, () => random.between(Math.floor(L / 2), L));
  }

  const offset = c.window === 'no' ? random.between(-2, Math.floor(T / 2) + 2) : random.below(T);
  if (c.causal === 'yes') options.causal = true;
  if (c.origin !== 'unstated') {
    const origin = c.origin === 'offset' ? offset : c.origin;
    if (c.causal === 'by origin') options.causal = origin;
    else options.origin = origin;
  }
  const reach = () => random.between(Math.floor(T / 4), T);
  if (c.window === 'left') options.window = [reach(), Infinity];
  if (c.window === 'right') options.window = [Infinity, reach()];
  if (c.window === 'both') {
    const left = reach();
    options.window = random.uniform() < 0.5 ? left : [left, reach()];
  }
  if (c.maskValue === 'given') options.maskValue = -1e4;
  if (c.maskValue === '-infinity') options.maskValue = -Infinity;
  if (c.emptyRow !== 'default') options.emptyRow = c.emptyRow;
}
