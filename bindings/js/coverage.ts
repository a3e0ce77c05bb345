// SPDX-License-Identifier: MIT
// What it means is said in coverage-types.ts, what it refuses in C++.
import type { Core } from './core.js';
import { EngineTensor } from './engine-tensor.js';
import { fail } from './error.js';
import { expectObject, operate } from './operate.js';
import type {
  CoverageAttention,
  CoverageOptions,
  CoverageParameters,
  TensorLike,
} from './types.js';

const parts = ['query', 'key', 'coverage', 'vector', 'bias'] as const;

export function coverageAttention(
  core: Core,
  [queries, keys, values]: readonly [TensorLike, TensorLike, TensorLike],
  options: CoverageOptions,
): CoverageAttention {
  const { parameters, initial, mask, ...plain } = expectObject(
    'coverageAttention',
    'options',
    options,
  );
  const given = expectObject<CoverageParameters>('coverageAttention', 'parameters', parameters);
  const unknown = Object.keys(given).find((name) => !(parts as readonly string[]).includes(name));
  if (unknown !== undefined) {
    fail('ValueError', `coverageAttention: unknown option 'parameters.${unknown}'`);
  }
  const learned = Object.fromEntries(parts.map((name) => [`parameters.${name}`, given[name]]));
  const operands = { queries, keys, values, ...learned, initial, mask };
  const [output, weights, coverage, loss] = operate(core, 'coverageAttention', operands, plain).map(
    (facts) => new EngineTensor(core, facts!),
  );
  return { output: output!, weights: weights!, coverage: coverage!, loss: loss! };
}
