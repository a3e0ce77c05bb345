// SPDX-License-Identifier: MIT
// From a caller's operands and options to the engine's: numbers of tensors, and a JSON text.
import type { Core, Facts, Prepared } from './core.js';
import { describe, fail } from './error.js';
import type { MaskLike, TensorData, TensorLike } from './types.js';
import { toTensorData } from './values.js';

/** A tensor inside an engine. */
export interface Resident {
  /** Its number, for operations of the same engine. */
  numberIn(core: Core, operation: string, operand: string): number;
}

/** Operands by the names that errors give them; undefined where there is none. */
export type Operands = Readonly<Record<string, TensorLike | MaskLike | undefined>>;

/**
 * Runs an operation. What is no tensor of the engine yet is copied into it, until the call ends.
 * @throws ValueError and ShapeError for operands that are no tensors; what the operation throws
 */
export function operate(
  core: Core,
  operation: string,
  operands: Operands,
  options?: object,
): (Facts | undefined)[] {
  return execute(core, prepared(core, operation, options), operands);
}

/** An operation with options, as it was prepared when they were the same. */
export function prepared(core: Core, operation: string, options: object | undefined): Prepared {
  if (options === undefined) return core.prepare(operation, '');
  const recent = core.recent(operation);
  const known = recent.find(options);
  if (known) return known;
  const fresh = core.prepare(operation, toText(operation, options));
  recent.keep(options, fresh);
  return fresh;
}

/** operate() of what was prepared. */
export function execute(
  core: Core,
  operation: Prepared,
  operands: Operands,
): (Facts | undefined)[] {
  const inputs: number[] = [];
  let copies: number[] | undefined;
  try {
    for (const name of Object.keys(operands)) {
      const values = operands[name];
      if (values === undefined) {
        inputs.push(0);
      } else if (isResident(values)) {
        inputs.push(values.numberIn(core, operation.name, name));
      } else {
        const copy = copyIn(core, toTensorData(operation.name, name, values));
        inputs.push(copy);
        (copies ??= []).push(copy);
      }
    }
    return core.run(operation, inputs);
  } finally {
    if (copies) for (const copy of copies) core.release(copy);
  }
}

/** Copies checked values into the engine. */
export function copyIn(core: Core, { shape, data }: TensorData): number {
  const tensor = core.makeTensor(shape);
  core.view(tensor, data.length).set(data);
  return tensor;
}

function isResident(values: unknown): values is Resident {
  return typeof values === 'object' && values !== null && 'numberIn' in values;
}

/** throws ValueError for what has no place among options. */
export function expectPlain(operation: string, name: string, value: unknown): void {
  if (typeof value === 'function' || typeof value === 'symbol') {
    fail('ValueError', `${operation}: ${name} is a ${typeof value}`);
  }
}

/** A group of options as the object that it must be, if it is there. throws ValueError. */
export function expectObject<Options extends object>(
  operation: string,
  name: string,
  value: Options | undefined,
): Partial<Options> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || (value as unknown) === null) {
    fail('ValueError', `${operation}: ${name} is no object`);
  }
  return value;
}

/** Options as they cross: infinities and NaN as texts, what is undefined not at all. */
export function toText(operation: string, options: object): string {
  for (const [name, value] of Object.entries(options)) expectPlain(operation, name, value);
  const plain = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  try {
    const text = JSON.stringify(options, plain);
    return text === '{}' ? '' : text;
  } catch (error) {
    // cycles, big integers, and what fails by itself
    const { message } = describe(error);
    return fail('ValueError', `${operation}: the options cannot be read (${message})`);
  }
}
