// SPDX-License-Identifier: MIT
// What this engine computes at most: loops of independent chains in registers, without memory, assembled by
// hand so that no compiler stands between. A chain is x ← x·c + d; as many of them side by side as fill two
// units of a latency of four or five cycles, and still fit the sixteen registers of x86.

const I32 = 0x7f;
const V128 = 0x7b;
const simd = (opcode) => [0xfd, ...unsigned(opcode)];
const get = (local) => [0x20, ...unsigned(local)];
const set = (local) => [0x21, ...unsigned(local)];

// What one link of a chain does to the value of local `x`, given the constants in locals c and d; how many
// operations that are (a multiplication and an addition count two), and the constants themselves.
const kernels = {
  'f32 mul + add': {
    operations: 8,
    link: (x, c, d) => [...get(x), ...get(c), ...simd(0xe6), ...get(d), ...simd(0xe4)],
    constants: [0.75, 0.25].map((value) => [0x43, ...float(value), ...simd(0x13)]),
  },
  'f32 relaxed madd': {
    operations: 8,
    link: (x, c, d) => [...get(x), ...get(c), ...get(d), ...simd(0x105)],
    constants: [0.75, 0.25].map((value) => [0x43, ...float(value), ...simd(0x13)]),
  },
  'i16 dot + add': {
    operations: 16,
    link: (x, c, d) => [...get(x), ...get(c), ...simd(0xba), ...get(d), ...simd(0xae)],
    constants: [3, 5].map((value) => [0x41, value, ...simd(0x10)]),
  },
  'i8 relaxed dot': {
    operations: 32,
    link: (x, c, d) => [...get(c), ...get(d), ...get(x), ...simd(0x113)],
    constants: [3, 5].map((value) => [0x41, value, ...simd(0x0f)]),
  },
};

/** The f32 kernels, of which the faster one is the peak. */
export const floatPeaks = ['f32 mul + add', 'f32 relaxed madd'];
export const peakNames = Object.keys(kernels);

/**
 * A kernel as { run, operations }: run() does so many operations. Undefined where this engine does not know
 * its instructions.
 */
export function peak(name, chains = 12, links = 1 << 18) {
  const { operations, link, constants } = kernels[name];
  const bytes = assemble(link, constants, chains);
  if (!WebAssembly.validate(bytes)) return undefined;
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  return { run: () => run(links), operations: operations * chains * links };
}

// (func (export "run") (param $links i32) (result i32)): all chains `links` links long, then their sum, so
// that none is idle work.
function assemble(link, constants, chains) {
  const [c, d, first] = [1, 2, 3];
  const all = Array.from({ length: chains }, (_, i) => first + i);
  const body = [
    ...constants.flatMap((code, i) => [...code, ...set(c + i)]),
    ...all.flatMap((x) => [0x41, x, ...simd(0x11), ...set(x)]), // another beginning for each
    ...[0x03, 0x40], // loop
    ...all.flatMap((x) => [...link(x, c, d), ...set(x)]),
    ...[...get(0), 0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b], // br_if while --links
    ...get(first),
    ...all.slice(1).flatMap((x) => [...get(x), ...simd(0xae)]),
    ...[...simd(0x1b), 0x00], // i32x4.extract_lane 0
    0x0b,
  ];
  const code = [...vector([[...unsigned(2 + chains), V128]]), ...body];
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
