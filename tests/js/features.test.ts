// SPDX-License-Identifier: MIT
import { describe, expect, test } from '@jest/globals';
import {
  fastestBuild,
  hasRelaxedSimd,
  hasSimd,
  nextTask,
  sha256,
} from '../../bindings/js/features.js';
import { build } from './engine.js';

describe('features', () => {
  test('this host runs SIMD, and relaxed SIMD where that is under test', () => {
    expect(hasSimd()).toBe(true);
    if (build === 'relaxed') expect(hasRelaxedSimd()).toBe(true);
  });

  test('the fastest build is one that runs', () => {
    expect(fastestBuild()).toBe(hasRelaxedSimd() ? 'relaxed' : 'simd');
  });

  test('nextTask lets timers come first that are due', async () => {
    let fired = false;
    setTimeout(() => (fired = true), 0);
    const begin = Date.now();
    while (!fired && Date.now() - begin < 1000) await nextTask();
    expect(fired).toBe(true);
  });

  test('sha256 of "abc" is that of FIPS 180-4', async () => {
    expect(await sha256(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
