// SPDX-License-Identifier: MIT
// What the tests of the package share: an engine of the wasm file under test.
import type { Lab, LoadOptions, Regard } from '../../bindings/js/index.node.js';
import { load } from '../../bindings/js/index.node.js';

const named = process.env['REGARD_BUILD'];
if (named !== undefined && named !== 'simd' && named !== 'relaxed') {
  throw new Error(`REGARD_BUILD is ${named}`);
}

/** The wasm file under test: REGARD_BUILD. */
export const build: 'simd' | 'relaxed' = named ?? 'simd';

/** How many threads the engines under test have: REGARD_THREADS. */
export const threads = Number(process.env['REGARD_THREADS'] ?? 1);

export function start(options: LoadOptions & { worker?: false } = {}): Promise<Regard> {
  return load({ build, threads, ...options });
}

/** The same with tensors that compute, gradients and layers. */
export function startLab(options: LoadOptions & { worker?: false } = {}): Promise<Lab> {
  return load({ build, threads, ...options, lab: true });
}

/** What `action` throws, now or by a promise, as "Name: message". */
export async function failure(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
  return 'nothing was thrown';
}
