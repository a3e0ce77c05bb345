// SPDX-License-Identifier: MIT
// What this engine computes at most: loops of independent chains in registers, without memory, assembled by
// hand so that no compiler stands between. A chain is x ← x·c + c, with one constant for both. Fourteen of them
// side by side were the fastest of 8 to 16 (2026-11, Node 20, GFLOP/s of mul + add): 42 with 8, 60 with 12, 61
// with 14, 33 with 15, which no longer fit the sixteen registers of x86.

const I32 = 0x7f;
const V128 = 0x7b;
const simd = (opcode) => [0xfd, ...unsigned(opcode)];
const get = (local) => [0x20, ...unsigned(local)];
const set = (local) => [0x21, ...unsigned(local)];

// What one link of a chain does to the value of local `x`, given the constant in local c; how many operations
// that are (a multiplication and an addition count two), and the constant itself.
const kernels = {
  'f32 mul + add': {
    operations: 8,
    link: (x, c) => [...get(x), ...get(c), ...simd(0xe6), ...get(c), ...simd(0xe4)],
    constant: [0x43, ...float(0.75), ...simd(0x13)],
  },
  'f32 relaxed madd': {
    operations: 8,
    link: (x, c) => [...get(x), ...get(c), ...get(c), ...simd(0x105)],
    constant: [0x43, ...float(0.75), ...simd(0x13)],
  },
  'i16 dot + add': {
    operations: 16,
    link: (x, c) => [...get(x), ...get(c), ...simd(0xba), ...get(c), ...simd(0xae)],
    constant: [0x41, 3, ...simd(0x10)],
  },
  'i8 relaxed dot': {
    operations: 32,
    link: (x, c) => [...get(c), ...get(c), ...get(x), ...simd(0x113)],
    constant: [0x41, 3, ...simd(0x0f)],
  },
};

/** The f32 kernels, of which the faster one is the peak. */
export const floatPeaks = ['f32 mul + add', 'f32 relaxed madd'];
export const peakNames = Object.keys(kernels);

/**
 * A kernel as { run, operations }: run() does so many operations. Undefined where this engine does not know
 * its instructions.
 */
export function peak(name, chains = 14, links = 1 << 18) {
  const { operations, link, constant } = kernels[name];
  const bytes = assemble(link, constant, chains);
  if (!WebAssembly.validate(bytes)) return undefined;
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  return { run: () => run(links), operations: operations * chains * links };
}

// (func (export "run") (param $links i32) (result i32)): all chains `links` links long, then their sum, so
// that none is idle work.
function assemble(link, constant, chains) {
  const [c, first] = [1, 2];
  const all = Array.from({ length: chains }, (_, i) => first + i);
  const body = [
    ...[...constant, ...set(c)],
    ...all.flatMap((x) => [0x41, x, ...simd(0x11), ...set(x)]), // another beginning for each
    ...[0x03, 0x40], // loop
    ...all.flatMap((x) => [...link(x, c), ...set(x)]),
    ...[...get(0), 0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b], // br_if while --links
    ...get(first),
    ...all.slice(1).flatMap((x) => [...get(x), ...simd(0xae)]),
    ...[...simd(0x1b), 0x00], // i32x4.extract_lane 0
    0x0b,
  ];
  const code = [...vector([[...unsigned(1 + chains), V128]]), ...body];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([[0x60, ...vector([[I32]]), ...vector([[I32]])]])),
    ...section(3, vector([[0x00]])),
    ...section(7, vector([[...bytes('run'), 0x00, 0x00]])),
    ...section(10, vector([[...unsigned(code.length), ...code]])),
  ]);
}

function section(id, content) {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items) {
  return [...unsigned(items.length), ...items.flat()];
}

function bytes(text) {
  return vector([...text].map((letter) => [letter.charCodeAt(0)]));
}

// LEB128
function unsigned(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function float(value) {
  return new Uint8Array(Float32Array.of(value).buffer);
}
