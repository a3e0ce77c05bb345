// SPDX-License-Identifier: MIT
// Attention's options as the engine takes them: tensors as operands, the rest as a JSON text.
import type { Core, Facts } from './core.js';
import { EngineTensor } from './engine-tensor.js';
import { fail } from './error.js';
import type { Operands } from './operate.js';
import { execute, expectObject, expectPlain, toText } from './operate.js';
import type {
  AlignmentOptions,
  Attention,
  AttentionOptions,
  Edit,
  ScoreParameters,
  TensorLike,
} from './types.js';

/** In the order in which the engine gives them. */
export const results = [
  'output',
  'raw',
  'capped',
  'masked',
  'weights',
  'presentKey',
  'presentValue',
] as const;

/** See Functions in function-types.ts. */
export function attention(
  core: Core,
  q: TensorLike,
  k: TensorLike,
  v: TensorLike,
  options: AttentionOptions = {},
): Attention {
  const given = attend(core, q, k, v, options);
  const found: Partial<Record<(typeof results)[number], EngineTensor>> = {};
  for (const [place, name] of results.entries()) {
    const facts = given[place];
    if (facts) found[name] = new EngineTensor(core, facts);
  }
  return found as Attention;
}

function attend(
  core: Core,
  queries: TensorLike,
  keys: TensorLike,
  values: TensorLike,
  options: AttentionOptions,
): (Facts | undefined)[] {
  const recent = core.recent('attention');
  const known = recent.find(options);
  if (known) return execute(core, known, { queries, keys, values });

  const { operands, plain } = crossing(queries, keys, values, options);
  const fresh = core.prepare('attention', toText('attention', plain));
  const others = Object.values(operands).slice(3);
  if (others.every((values) => values === undefined)) recent.keep(options, fresh);
  return execute(core, fresh, operands);
}

/** The tensors among operands and options, in the order of bindings/embind/attention.cpp. */
export function crossing(
  q: TensorLike,
  k: TensorLike,
  v: TensorLike,
  options: AttentionOptions,
): { operands: Operands; plain: object } {
  const { bias, mask, keyMask, pastKey, pastValue, ...rest } = options;
  const { scoreParameters, alignmentOptions, edits, keyLengths, weights, ...others } = rest;
  expectList('edits', edits);
  expectList('keyLengths', keyLengths);
  expectList('return', options.return);
  const score = expectObject<ScoreParameters>('attention', 'scoreParameters', scoreParameters);
  expectOnly('scoreParameters', score, ['query', 'key', 'vector']);
  const { positionWeight, positionVector, ...alignment } = expectObject<AlignmentOptions>(
    'attention',
    'alignmentOptions',
    alignmentOptions,
  );
  const changes = edits?.map((edit, i) => expectObject<Edit>('attention', `edit ${i}`, edit)) ?? [];
  const operands: Operands = {
    queries: q,
    keys: k,
    values: v,
    bias,
    pastKey,
    pastValue,
    'scoreParameters.query': score.query,
    'scoreParameters.key': score.key,
    'scoreParameters.vector': score.vector,
    positionWeight,
    positionVector,
    mask,
    keyMask,
    ...Object.fromEntries(changes.map(({ values }, i) => [`edit ${i}`, values])),
  };
  const plain = {
    ...others,
    alignmentOptions: alignmentOptions && alignment,
    keyLengths: keyLengths && flatLengths(keyLengths),
    keyLengthBatches: Array.isArray(keyLengths?.[0]) ? keyLengths.length : undefined,
    ...(weights && { return: [...(options.return ?? []), 'weights'] }),
    edits: edits && changes.map((edit) => ({ ...edit, values: undefined })),
  };
  return { operands, plain };
}

function expectList(name: string, value: unknown): void {
  if (value !== undefined && !Array.isArray(value)) {
    fail('ValueError', `attention: ${name} is no array`);
  }
}

// Of each batch entry, or of each of its queries.
function flatLengths(lengths: NonNullable<AttentionOptions['keyLengths']>): unknown[] {
  const rows = new Set(lengths.map((row) => (Array.isArray(row) ? row.length : undefined)));
  if (rows.size > 1)
    fail('ValueError', 'attention: keyLengths: ragged, not all rows are equally long');
  return lengths.flat();
}

function expectOnly(name: string, object: object, known: readonly string[]): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) fail('ValueError', `attention: unknown option '${name}.${unknown}'`);
}

/** Options that can be sent to a Worker: tensors as their numbers. */
export function portable(options: AttentionOptions): AttentionOptions {
  const { scoreParameters, alignmentOptions, edits, ...rest } = options;
  const inner = { scoreParameters, alignmentOptions };
  const known = Object.entries(inner).filter(([, value]) => value !== undefined);
  expectList('edits', edits);
  const changes = edits?.map((edit, i) =>
    copied(expectObject<Edit>('attention', `edit ${i}`, edit)),
  );
  return {
    ...copied(rest),
    ...Object.fromEntries(
      known.map(([name, value]) => [name, copied(expectObject('attention', name, value))]),
    ),
    ...(changes && { edits: changes as Edit[] }),
  };
}

function copied<Options extends object>(options: Options): Options {
  const entries = Object.entries(options).map(([name, value]: [string, unknown]) => {
    expectPlain('attention', name, value);
    const tensor =
      typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;
    return [name, tensor ? { shape: value.shape, data: value.data } : value] as const;
  });
  return Object.fromEntries(entries) as Options;
}
