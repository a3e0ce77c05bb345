// SPDX-License-Identifier: MIT
// Heads that the reader has switched off.
import type { Intervention } from 'regard';
import type { AttentionKind } from './attention.js';
import { MEAN } from './matrix.js';

export interface HeadPlace {
  readonly kind: AttentionKind;
  readonly layer: number;
  /** A head, or `MEAN` for all of the layer. */
  readonly head: number;
}

/** Whether a head is off, alone or with its whole layer. */
export function isOff(off: readonly HeadPlace[], place: HeadPlace): boolean {
  return off.some((one) => same(one, place) || same(one, { ...place, head: MEAN }));
}

/** Without this head if it is off, with it otherwise. */
export function toggled(off: readonly HeadPlace[], place: HeadPlace): readonly HeadPlace[] {
  const rest = off.filter((one) => !same(one, place));
  return rest.length < off.length ? rest : [...off, place];
}

/** The heads' outputs set to zero, and all else computed from there. */
export function interventions(off: readonly HeadPlace[]): Intervention[] {
  return off.map(({ kind, layer, head }) => ({
    where: kind,
    layer,
    ...(head !== MEAN && { head }),
    values: 0,
  }));
}

function same(a: HeadPlace, b: HeadPlace): boolean {
  return a.kind === b.kind && a.layer === b.layer && a.head === b.head;
}
