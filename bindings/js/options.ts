// SPDX-License-Identifier: MIT
// What a person asks of translate(), checked, in the form that the engine takes.
import { fail } from './error.js';
import type { CoreModule, SearchOptions } from './module.js';
import { wellFormed } from './sentence.js';
import type { TranslateOptions } from './types.js';

/** The longest text in UTF-16 units; the engine would only cut it further. */
const longestText = 100_000;

/** With the name of what the module has as an object. */
type CheckedOptions = Omit<SearchOptions, 'earlyStopping' | 'interventions'> & {
  readonly earlyStopping: keyof CoreModule['EarlyStopping'];
};

/** throws ValueError naming the option, what it is and what was expected. */
export function searchOptions(options: TranslateOptions, modelBeams: number): CheckedOptions {
  const { beams, nBest = 1, lengthPenalty, earlyStopping, maxLength } = options;
  if (beams !== undefined) expectWhole('beams', beams, 1, 64);
  expectWhole('nBest', nBest, 1, beams ?? modelBeams);
  if (maxLength !== undefined) expectWhole('maxLength', maxLength, 2, 2 ** 31 - 1);
  if (lengthPenalty !== undefined && !Number.isFinite(lengthPenalty)) {
    fail('ValueError', `translate: lengthPenalty is ${String(lengthPenalty)}, expected a number`);
  }
  const early = { false: 'no', true: 'yes', never: 'never', undefined: 'model' } as const;
  if (!Object.hasOwn(early, String(earlyStopping))) {
    const given = String(earlyStopping);
    fail('ValueError', `translate: earlyStopping is ${given}, expected false, true or 'never'`);
  }
  return {
    beams: beams ?? 0,
    nBest,
    lengthPenalty: lengthPenalty ?? NaN,
    earlyStopping: early[String(earlyStopping) as keyof typeof early],
    maxLength: maxLength ?? 0,
    prefix: checkedText('the prefix', options.prefix ?? ''),
    target: checkedText('the target', options.target ?? ''),
    hasTarget: options.target !== undefined,
    attention: options.attention === true,
  };
}

function expectWhole(option: string, value: unknown, least: number, most: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
  const range = most === 2 ** 31 - 1 ? `a whole number from ${least}` : `${least} to ${most}`;
  fail('ValueError', `translate: ${option} is ${String(value)}, expected ${range}`);
}

/** The text as it can cross to the engine. throws ValueError if it is none, or too long. */
export function checkedText(what: string, text: unknown): string {
  if (typeof text !== 'string') {
    fail('ValueError', `translate: ${what} is ${typeof text}, expected a string`);
  }
  if (text.length > longestText) {
    fail(
      'ValueError',
      `translate: ${what} has ${text.length} UTF-16 units, at most ${longestText} are possible`,
    );
  }
  return wellFormed(text);
}
