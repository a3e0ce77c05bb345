// SPDX-License-Identifier: MIT
// What PyTorch gave for the tutorials' cells (tests/golden/README.md), and how close ours must come.
import { expect } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import type { TensorData } from '../../../bindings/js/index.node.js';
import { readSafetensors } from '../safetensors.js';

const file = '../../../../../tests/golden/tutorials/tutorials.safetensors';
const tensors = readSafetensors(fileURLToPath(new URL(file, import.meta.url)));

/** One tensor of a cell: `golden('attention', 'q')`. */
export function golden(cell: string, name: string): TensorData {
  const tensor = tensors.get(`${cell}.${name}`);
  if (!tensor) throw new Error(`the golden file has no ${cell}.${name}`);
  return tensor;
}

/** A layer's checkpoint in a cell: what is named `state.…` there. */
export function state(cell: string): Record<string, TensorData> {
  const prefix = `${cell}.state.`;
  return Object.fromEntries(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}

/**
 * Expects equal shapes, and numbers equal but for rounding. Both sides are fp32 sums of at most some
 * 40 products of numbers below 8 in two orders: 2^-24 · 40 · 8 for each side.
 */
export function expectClose(actual: TensorData, expected: TensorData): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(distance(actual, expected)).toBeLessThan(2 * 40 * 8 * 2 ** -24);
}

/** The largest difference between elements. */
export function distance(a: TensorData, b: TensorData): number {
  return a.data.reduce((most, x, i) => Math.max(most, Math.abs(x - b.data[i]!)), 0);
}
