// SPDX-License-Identifier: MIT
// Random numbers that are the same for the same seed, in every engine.

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 bits: lowbias32 of a counter [Wellons 2018]. */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 16), 0x7feb352d);
    word = Math.imul(word ^ (word >>> 15), 0x846ca68b);
    return (word ^ (word >>> 16)) >>> 0;
  }
  /** In [0, 1). */
  uniform(): number {
    return this.bits() / 2 ** 32;
  }
  /** A whole number of 0 … n - 1. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }
  /** A whole number of low … high. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
  /** With mean 0 and variance 1 [Box and Muller 1958]. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
