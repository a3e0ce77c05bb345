// SPDX-License-Identifier: MIT
import type { Core } from './core.js';
import { fail } from './error.js';
import type { TensorHandle } from './module.js';
import { copyIn, EngineTensor } from './tensor.js';
import type { Attention, AttentionOptions, TensorLike } from './types.js';
import { expectAddressable, show, toTensorData } from './values.js';

const causals = ['none', 'top-left', 'bottom-right'] as const;

/**
 * Scaled dot-product attention, Vaswani et al. 2017, eq. 1.
 *
 *     weights = softmax(scale · Q Kᵀ)     output = weights · V
 *
 * @param q - (B, H, L, D) queries
 * @param k - (B, H, S, D) keys
 * @param v - (B, H, S, Dv) values
 * @returns the output and, with `weights: true`, the weights; a query that sees no key gives zeros
 *   in both
 * @throws ShapeError if the shapes disagree; ValueError for an option outside of its range
 * @example
 * using result = regard.attention(q, k, v, { causal: 'top-left', weights: true });
 */
export function attention(
  core: Core,
  q: TensorLike,
  k: TensorLike,
  v: TensorLike,
  options: AttentionOptions = {},
): Attention {
  const { causal = 'none', scale = NaN, keyLengths = [], weights = false } = options;
  checkOptions(options);

  return core.using((keep) => {
    const queries = operand(core, keep, 'queries', q);
    const keys = operand(core, keep, 'keys', k);
    const values = operand(core, keep, 'values', v);
    expectAddressable('attention: the weights', [...queries.shape.slice(0, 3), keys.shape[2] ?? 0]);
    const lengths = keep(core.call((module) => module.ids(keyLengths.length)));
    core.write(lengths.address(), keyLengths, 'integers');
    const result = keep(
      core.call((module) =>
        module.attention(
          queries.handle,
          keys.handle,
          values.handle,
          { causal: module.Causal[causal], scale },
          lengths,
        ),
      ),
    );
    const output = new EngineTensor(
      core,
      core.call(() => result.output()),
    );
    if (!weights) return { output };
    return {
      output,
      weights: new EngineTensor(
        core,
        core.call(() => result.weights()),
      ),
    };
  });
}

interface Operand {
  readonly handle: TensorHandle;
  readonly shape: readonly number[];
}

// A Tensor as it is; other values are copied into the engine, until the call ends.
function operand(
  core: Core,
  keep: (handle: TensorHandle) => TensorHandle,
  name: string,
  values: TensorLike,
): Operand {
  const known = values instanceof EngineTensor;
  const handle = known ? values.handleIn(core, 'attention', name) : undefined;
  const data = known ? values : toTensorData('attention', name, values);
  if (data.shape.length !== 4) {
    fail('ShapeError', `attention: ${name} are ${show(data.shape)}, expected four axes`);
  }
  return { handle: handle ?? keep(copyIn(core, data)), shape: data.shape };
}

function checkOptions({ causal, scale, keyLengths }: AttentionOptions): void {
  if (causal !== undefined && !causals.includes(causal)) {
    const choices = causals.map((name) => `'${name}'`).join(', ');
    fail(
      'ValueError',
      `attention: causal is ${JSON.stringify(causal)}, expected one of ${choices}`,
    );
  }
  if (scale !== undefined && !Number.isFinite(scale)) {
    fail('ValueError', `attention: scale is ${String(scale)}, expected a number`);
  }
  if (keyLengths === undefined) return;
  const list: unknown = keyLengths;
  if (!Array.isArray(list)) fail('ValueError', 'attention: keyLengths is not an array');
  const wrong = keyLengths.find(
    (length) => !Number.isInteger(length) || length < 0 || length > 2 ** 31 - 1,
  );
  if (wrong !== undefined) {
    fail(
      'ValueError',
      `attention: keyLengths holds ${String(wrong)}, expected whole numbers from 0`,
    );
  }
}
