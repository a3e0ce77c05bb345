// SPDX-License-Identifier: MIT

/**
 * What was last made of an options object, for the next call with such: found again by its names
 * and values, never by the object, which a caller may have changed meanwhile. Options that hold
 * anything else than single values are not remembered: what is inside may have changed as well.
 */
export class Recent<Made> {
  #names: readonly string[] = [];
  #values: readonly unknown[] = [];
  #made: Made | undefined;

  /** What was made of options of the same names and values, if they were the last. */
  find(options: object): Made | undefined {
    if (this.#made === undefined) return undefined;
    const names = Object.keys(options);
    if (names.length !== this.#names.length) return undefined;
    for (let i = 0; i < names.length; ++i) {
      const name = names[i]!;
      if (name !== this.#names[i]) return undefined;
      if (!Object.is((options as Record<string, unknown>)[name], this.#values[i])) return undefined;
    }
    return this.#made;
  }

  keep(options: object, made: Made): void {
    const values: unknown[] = Object.values(options);
    if (values.some((value) => typeof value === 'object' && value !== null)) return;
    this.#names = Object.keys(options);
    this.#values = values;
    this.#made = made;
  }
}
