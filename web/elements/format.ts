// SPDX-License-Identifier: MIT
// Numbers as the reader sees them, the same digits in the read-out, the table and the pictures; and
// the article of an English noun.
import { format } from 'd3-format';

/** An attention weight, 0.000 … 1.000. */
export const weightText = format('.3f');

/** Bytes in megabytes of a million bytes, as downloads are counted. */
export function megabytes(bytes: number, language: string): string {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, digits).format(bytes / 1e6);
}

/** `an English` sentence, `a Chinese` one. */
export function a(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}
