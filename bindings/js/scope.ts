// SPDX-License-Identifier: MIT
import type { Core, Disposable } from './core.js';
import { fail } from './error.js';

/**
 * Runs `body` and frees the tensors that it made, all but those that it returns, on their own or in
 * arrays and plain objects. Also when it throws.
 * @throws ValueError if it returns a promise: what an asynchronous body makes later cannot be told
 *   from what others make meanwhile
 */
export function scope<T>(core: Core, body: () => T): T {
  const outer = core.made;
  const made = (core.made = new Set<Disposable>());
  const kept = new Set<unknown>();
  try {
    const result = body();
    if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
      fail('ValueError', 'scope: the function returned a promise, expected one that works at once');
    }
    collect(result, kept);
    return result;
  } finally {
    core.made = outer;
    for (const tensor of made) {
      if (!kept.has(tensor)) tensor.dispose();
      else outer?.add(tensor);
    }
  }
}

function collect(value: unknown, found: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || found.has(value)) return;
  if (ArrayBuffer.isView(value)) return;
  found.add(value);
  if ('dispose' in value && typeof (value as Disposable).dispose === 'function') {
    if ('owned' in value) for (const part of value.owned as Iterable<unknown>) found.add(part);
    return;
  }
  for (const inner of Object.values(value)) collect(inner, found);
}
