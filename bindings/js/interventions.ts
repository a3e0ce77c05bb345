// SPDX-License-Identifier: MIT
// Interventions as the engine takes them: a JSON text in which values are numbers of tensors.
import type { Core } from './core.js';
import { fail } from './error.js';
import { copyIn, toText } from './operate.js';
import type { Intervention, TraceStage } from './types.js';
import { toTensorData } from './values.js';

/** All that can be traced. */
export const traceStages: readonly TraceStage[] = [
  'queries',
  'keys',
  'values',
  'raw',
  'capped',
  'masked',
  'weights',
  'context',
  'output',
];

interface Asked {
  readonly interventions?: readonly Intervention[] | undefined;
}

/** Hands the options to `body` as a text, their interventions' values in the engine until it ends. */
export function withInterventions<T>(
  core: Core,
  operation: string,
  { interventions, ...options }: Asked & Readonly<Record<string, unknown>>,
  body: (text: string) => T,
): T {
  const copies: number[] = [];
  try {
    const list = expectList(operation, interventions)?.map(({ values, ...rest }, i) => {
      const data = toTensorData(operation, `interventions[${i}].values`, values);
      const copy = copyIn(core, data);
      copies.push(copy);
      return { ...rest, values: copy };
    });
    return body(toText(operation, { ...options, interventions: list }));
  } finally {
    for (const copy of copies) core.release(copy);
  }
}

/** Interventions that can be sent to a Worker: their values as numbers with a shape. */
export function portableInterventions<Options extends Asked>(
  operation: string,
  options: Options,
): Options {
  const list = expectList(operation, options.interventions);
  if (!list) return options;
  const interventions = list.map((one, i) => {
    const { shape, data } = toTensorData(operation, `interventions[${i}].values`, one.values);
    return { ...one, values: { shape, data } };
  });
  return { ...options, interventions };
}

function expectList(
  operation: string,
  list: readonly Intervention[] | undefined,
): readonly Intervention[] | undefined {
  const given: unknown = list;
  const isObject = (one: unknown) => typeof one === 'object' && one !== null;
  if (given !== undefined && !(Array.isArray(given) && given.every(isObject))) {
    fail('ValueError', `${operation}: interventions is no array of objects`);
  }
  list?.forEach((one, i) => {
    for (const [name, value] of Object.entries(one) as [string, unknown][]) {
      if (typeof value !== 'function' && typeof value !== 'symbol') continue;
      fail('ValueError', `${operation}: interventions[${i}].${name} is a ${typeof value}`);
    }
  });
  return list;
}
