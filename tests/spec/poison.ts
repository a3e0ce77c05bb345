// SPDX-License-Identifier: MIT
// What stands in hidden places: other numbers, NaN or infinities in all keys and values that no
// query uses and, with partlyToo, in one key of each head that only some use.
import type { TensorData } from '../../bindings/js/types.js';
import type { Configuration } from './configuration.js';
import { filled, type Problem } from './problem.js';
import { Random } from './random.js';
import { rowsOf, type Reference } from './reference.js';
import { rules } from './visibility.js';

export interface Poisoned {
  readonly k: TensorData;
  readonly v: TensorData;
  readonly past: { readonly pastKey?: TensorData; readonly pastValue?: TensorData };
  /** Whether a query uses a key that was changed. */
  readonly met: (b: number, h: number, l: number) => boolean;
  /** Whether nothing but numbers was put anywhere. */
  readonly finite: boolean;
}

export function poison(
  { k, v, options }: Problem,
  hidden: Configuration['hidden'],
  { sizes, visibility, empty, emptyRow }: Reference,
  partlyToo = true,
): Poisoned {
  const { B, H, L, T, P, keyHeads } = sizes;
  const group = H / keyHeads;
  const uses = (b: number, h: number, l: number, s: number) =>
    !visibility.isPadding(b, l) &&
    (visibility.sees(b, h, l, s) ||
      (emptyRow === 'softmax' && empty[(b * H + h) * L + l] === true));
  const users = (b: number, g: number, s: number) => {
    let count = 0;
    for (let h = g * group; h < (g + 1) * group; ++h) {
      for (let l = 0; l < L; ++l) count += Number(uses(b, h, l, s));
    }
    return count;
  };

  const random = new Random(1);
  const other = {
    numbers: () => 1e3 * random.normal(),
    NaN: () => NaN,
    infinities: () => random.pick([Infinity, -Infinity]),
  }[hidden];
  const copy = (x: TensorData) => filled(x.shape, (i) => x.data[i]!);
  const changed = {
    k: copy(k),
    v: copy(v),
    pastKey: options.pastKey === undefined ? undefined : copy(options.pastKey as TensorData),
    pastValue: options.pastValue === undefined ? undefined : copy(options.pastValue as TensorData),
  };
  const layout = options.layout ?? rules[options.convention ?? 'none'].layout;
  const change = (
    now: TensorData,
    past: TensorData | undefined,
    b: number,
    g: number,
    s: number,
  ) => {
    const { at, width } = rowsOf(now, layout, options.kvHeads ?? options.heads ?? 0);
    const first = s < P ? ((b * keyHeads + g) * P + s) * width : at(b, g, s - P);
    const { data } = s < P ? past! : now;
    for (let d = 0; d < width; ++d) data[first + d] = other();
  };

  const partly: number[] = []; // (B, key heads): the key that some queries use, or -1
  let count = 0;
  for (let b = 0; b < B; ++b) {
    for (let g = 0; g < keyHeads; ++g) {
      let chosen = -1;
      for (let s = 0; s < T; ++s) {
        const used = users(b, g, s);
        if (used > 0 && (!partlyToo || chosen >= 0 || used > (group * L) / 2)) continue;
        if (used > 0) chosen = s;
        change(changed.k, changed.pastKey, b, g, s);
        change(changed.v, changed.pastValue, b, g, s);
        ++count;
      }
      partly.push(chosen);
    }
  }
  const { pastKey, pastValue } = changed;
  return {
    k: changed.k,
    v: changed.v,
    past: { ...(pastKey && { pastKey }), ...(pastValue && { pastValue }) },
    met: (b, h, l) => {
      const s = partly[b * keyHeads + Math.floor(h / group)]!;
      return s >= 0 && uses(b, h, l, s);
    },
    finite: count === 0 || hidden === 'numbers',
  };
}
