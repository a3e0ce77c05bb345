// SPDX-License-Identifier: MIT
// How an engine breaks, on a module that breaks on demand.
import { describe, expect, test } from '@jest/globals';
import { Core } from '../../bindings/js/core.js';
import type { CoreModule } from '../../bindings/js/module.js';
import { failure } from './engine.js';

/** An engine whose last failed call left this report. */
function core(name = '', message = ''): Core {
  const module = {
    HEAPU8: new Uint8Array(64),
    lastError: () => ({
      name,
      message,
      fatal: ['InternalError', 'OutOfMemoryError'].includes(name),
    }),
    memoryUse: () => ({ used: 1, idle: 2 }),
  };
  return new Core(module as unknown as CoreModule, 'simd');
}

const nothing = (): undefined => undefined;

describe('an engine', () => {
  test('gives what its operation gives, false and 0 included', () => {
    expect(core().call(() => false)).toBe(false);
    expect(core().call(() => 0)).toBe(0);
    expect(core().memory()).toEqual({ heap: 64, used: 1, idle: 2, tensors: 0 });
  });

  test.each(['ShapeError', 'ValueError', 'FormatError'])('goes on after a %s', async (name) => {
    const engine = core(name, 'a sentence');
    expect(await failure(() => engine.call(nothing))).toBe(`${name}: a sentence`);
    expect(engine.call(() => 1)).toBe(1);
  });

  test('is poisoned by a trap', async () => {
    const engine = core();
    const trap = () => {
      throw new WebAssembly.RuntimeError('unreachable');
    };
    const sentence =
      'PoisonedError: the engine broke (unreachable) and cannot go on; load() gives a fresh one';
    expect(await failure(() => engine.call(trap))).toBe(sentence);
    expect(await failure(() => engine.call(() => 1))).toBe(sentence);
    expect(await failure(() => engine.memory())).toBe(sentence);
    expect(await failure(() => engine.floats(0, 1))).toBe(sentence);
  });

  test('is poisoned by an error that it has no class for', async () => {
    const engine = core('InternalError', 'map::at');
    expect(await failure(() => engine.call(nothing))).toBe('PoisonedError: InternalError: map::at');
    expect(await failure(() => engine.call(() => 1))).toBe(
      'PoisonedError: the engine broke (map::at) and cannot go on; load() gives a fresh one',
    );
  });

  test('is poisoned when its memory is full', async () => {
    const engine = core('OutOfMemoryError', 'no more');
    expect(await failure(() => engine.call(nothing))).toBe('OutOfMemoryError: no more');
    expect(await failure(() => engine.call(() => 1))).toBe(
      'PoisonedError: the engine ran out of memory and cannot go on; load() gives a fresh one',
    );
  });

  test('frees handles, but not once it is broken or gone', async () => {
    const deleted: string[] = [];
    const handle = (name: string) => ({ delete: () => void deleted.push(name) });
    const engine = core('OutOfMemoryError', 'no more');
    engine.using((keep) => keep(handle('a')));
    await failure(() =>
      engine.using((keep) => {
        keep(handle('b'));
        throw new RangeError('mine');
      }),
    );
    await failure(() => engine.call(nothing));
    engine.free(handle('c'));
    const other = core();
    other.dispose();
    other.free(handle('d'));
    expect(deleted).toEqual(['a', 'b']);
  });
});
