// SPDX-License-Identifier: MIT
// Which keys a query sees, and what becomes of the others: the conventions written down once more,
// independently of the engine, for the oracle in reference.ts.
import type { AttentionOptions, Convention, TensorData } from '../../bindings/js/types.js';

/** What a convention means. */
export interface Rules {
  readonly trueAttends: boolean;
  /** Of plain `causal`; undefined: key 0, or the first after the past. */
  readonly origin?: 'top-left' | 'cache';
  readonly maskValue: number;
  readonly addsMaskValue?: boolean;
  readonly emptyRow: 'zeros' | 'nan' | 'softmax';
  readonly layout: 'bhld' | 'blhd';
  /** What the axes of a mask mean: see maskAt. */
  readonly axes: 'stated' | 'aligned' | 'batch-heads' | 'batches';
  /** Whether a mask may tell nothing about the last keys, which hides them. */
  readonly pads?: boolean;
}

const safe: Rules = {
  trueAttends: true,
  maskValue: -Infinity,
  emptyRow: 'zeros',
  layout: 'bhld',
  axes: 'stated',
};
const onnx: Rules = { ...safe, origin: 'cache', axes: 'aligned' };
const torch: Rules = { ...safe, origin: 'top-left', axes: 'aligned' };
const keras: Rules = {
  ...safe,
  origin: 'top-left',
  maskValue: -1e9,
  addsMaskValue: true,
  axes: 'batches',
};
export const rules: Record<Convention, Rules> = {
  none: safe,
  onnx: { ...onnx, pads: true },
  'onnx-23': onnx,
  'onnx-24': { ...onnx, pads: true },
  'onnx-25': { ...onnx, pads: true },
  torch,
  'torch-mha': { ...torch, trueAttends: false, emptyRow: 'nan', axes: 'batch-heads' },
  keras: { ...keras, layout: 'blhd' },
  'keras-attention': { ...keras, emptyRow: 'softmax' },
  jax: {
    ...torch,
    layout: 'blhd',
    emptyRow: 'softmax',
    maskValue: Math.fround(Math.fround(-0.7) * Math.fround(3.4028234663852886e38)),
  },
  d2l: { ...safe, maskValue: -1e6, emptyRow: 'softmax' },
};

/** The weights' axes: B, H, L, T with T all keys; a missing batch or head counts 1. */
export interface WeightSizes {
  readonly B: number;
  readonly H: number;
  readonly L: number;
  readonly T: number;
  /** Past keys. */
  readonly P: number;
  readonly hasBatch: boolean;
  readonly hasHeads: boolean;
}

export interface Visibility {
  sees(b: number, h: number, l: number, s: number): boolean;
  /** By query lengths: such queries give zeros. */
  isPadding(b: number, l: number): boolean;
  /** The key that query 0 stands at. */
  origin(b: number): number;
  /** How many keys there are for a query. */
  length(b: number, l: number): number;
  bias(b: number, h: number, l: number, s: number): number;
}

/** Number (b, h, l, s) of a mask, or undefined past its last key. */
type At = (b: number, h: number, l: number, s: number) => number | undefined;

export function visibility(sizes: WeightSizes, options: AttentionOptions): Visibility {
  const { B, L, T, P } = sizes;
  const rule = rules[options.convention ?? 'none'];
  const mask = maskAt(options.mask as TensorData | undefined, sizes, rule);
  const bias = maskAt(options.bias as TensorData | undefined, sizes, rule);
  const keyMask = (options.keyMask as TensorData | undefined)?.data;
  const keyLengths = options.keyLengths;
  const perQuery = keyLengths !== undefined && Array.isArray(keyLengths[0]);
  const shows = (value: number) => (value !== 0) === rule.trueAttends;

  const length = (b: number, l: number): number => {
    if (!keyLengths) return T;
    return perQuery ? (keyLengths as number[][])[b]![l]! : (keyLengths as number[])[b]!;
  };

  const { causal = false } = options;
  const named = typeof causal === 'boolean' || causal === 'none' ? options.origin : causal;
  const isCausal = causal !== false && causal !== 'none';
  const place = named ?? rule.origin;
  const toLast = (b: number) => (keyLengths ? length(b, 0) - L : 0);
  const origin = (b: number): number => {
    if (typeof place === 'number') return place;
    if (place === 'top-left') return 0;
    if (place === 'bottom-right') return T - L;
    if (place === 'last-key') return toLast(b);
    // one query each makes lists of lists with one length for each batch entry
    if (place === 'cache') return options.pastKey ? P : perQuery && L > 1 ? 0 : toLast(b);
    return P;
  };
  const { window = Infinity } = options;
  const [left, right] = typeof window === 'number' ? [window, window] : window;
  const isPadding = (b: number, l: number) => l >= (options.queryLengths?.[b] ?? L);

  function sees(b: number, h: number, l: number, s: number): boolean {
    const standing = l + origin(b);
    if (isPadding(b, l) || s >= length(b, l)) return false;
    if (isCausal && s > standing) return false;
    if (s < standing - left || s > standing + right) return false;
    if (keyMask && !shows(keyMask[(B === 1 ? 0 : b) * T + s]!)) return false;
    if (mask) {
      const value = mask(b, h, l, s);
      if (value === undefined || !shows(value)) return false;
    }
    if (bias) {
      const value = bias(b, h, l, s);
      if (value === undefined || value === -Infinity) return false;
    }
    return true;
  }
  return {
    sees,
    isPadding,
    origin,
    length,
    bias: (b, h, l, s) => bias?.(b, h, l, s) ?? 0,
  };
}

/**
 * A mask or bias by places. `stated`: (L, S), or as the weights. `aligned`: as many of the weights'
 * axes as it has, from the right. `batch-heads`: three axes are (B H, L, S). `batches`: three are
 * (B, L, S). An axis of 1 is repeated.
 */
function maskAt(
  mask: TensorData | undefined,
  { H, L, T, hasBatch, hasHeads }: WeightSizes,
  { axes, pads = false }: Rules,
): At | undefined {
  if (!mask) return undefined;
  const { shape, data } = mask;
  if (axes === 'batch-heads' && shape.length === 3) {
    return (b, h, l, s) => data[((b * H + h) * L + l) * T + s];
  }
  const all: ('B' | 'H' | 'L' | 'T')[] = ['L', 'T'];
  if (hasHeads) all.unshift('H');
  if (hasBatch) all.unshift('B');
  const meant = axes === 'batches' && shape.length === 3 ? (['B', 'L', 'T'] as const) : all;
  const told = meant.slice(meant.length - shape.length);
  const strides = { B: 0, H: 0, L: 0, T: 0 };
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; --i) {
    const size = shape[i]!;
    const short = pads && i === shape.length - 1 && size < T;
    strides[told[i]!] = size === 1 && !short ? 0 : stride;
    stride *= size;
  }
  const last = shape[shape.length - 1]!;
  const keys = pads || last > 1 ? last : T;
  return (b, h, l, s) =>
    s < keys ? data[b * strides.B + h * strides.H + l * strides.L + s * strides.T] : undefined;
}
