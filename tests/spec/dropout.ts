// SPDX-License-Identifier: MIT
// Which elements dropout leaves: src/kernels/dropout.cpp's rule, written down once more.

/** 64 well-mixed bits of a seed: SplitMix64's finalizer. */
function mix(seed: number): bigint {
  const bits = (x: bigint) => BigInt.asUintN(64, x);
  let word = bits(BigInt(seed) + 0x9e3779b97f4a7c15n);
  word = bits((word ^ (word >> 30n)) * 0xbf58476d1ce4e5b9n);
  word = bits((word ^ (word >> 27n)) * 0x94d049bb133111ebn);
  return word ^ (word >> 31n);
}

/** Whether element i stays, for a probability p of dropping it. */
export function keeper(p: number, seed: number): (i: number) => boolean {
  const mixed = mix(seed);
  const first = Number(mixed & 0xffffffffn);
  const second = Number(mixed >> 32n);
  const least = Math.fround(p);
  return (i) => {
    let word = (i ^ first) >>> 0;
    word = (Math.imul(word ^ (word >>> 16), 0x7feb352d) + second) >>> 0;
    word = Math.imul(word ^ (word >>> 15), 0x846ca68b) >>> 0;
    word = (word ^ (word >>> 16)) >>> 0;
    return (word >>> 8) * 2 ** -24 >= least;
  };
}
