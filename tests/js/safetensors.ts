// SPDX-License-Identifier: MIT
// Reads a safetensors file: enough for what tests/golden holds.
import { readFileSync } from 'node:fs';
import type { TensorData } from '../../bindings/js/index.node.js';

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** The tensors by name, all as floats: F32 as it is, F16 widened, U8 as 0 and 1. */
export function readSafetensors(path: string): Map<string, TensorData> {
  const file = readFileSync(path);
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
  const view = new DataView(bytes);
  const length = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.slice(8, 8 + length))) as Record<
    string,
    Entry
  >;
  const tensors = new Map<string, TensorData>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [begin, end] = data_offsets.map((offset) => 8 + length + offset);
    tensors.set(name, { shape, data: floats(dtype, bytes.slice(begin, end)) });
  }
  return tensors;
}

function floats(dtype: string, bytes: ArrayBuffer): Float32Array {
  if (dtype === 'F32') return new Float32Array(bytes);
  if (dtype === 'U8') return Float32Array.from(new Uint8Array(bytes));
  if (dtype === 'F16') return Float32Array.from(new Uint16Array(bytes), widened);
  throw new Error(`safetensors: ${dtype} is not read here`);
}

// Sign, five bits of exponent, ten of fraction.
function widened(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
