// SPDX-License-Identifier: MIT
// What callers hand over as a tensor, checked before it enters the engine.
import { fail } from './error.js';
import type { MaskLike, NestedNumbers, TensorData } from './types.js';

const maxRank = 6;
/** Operands in which true and false stand for 1 and 0. */
const mayBeTrue = new Set(['mask', 'keyMask', 'condition', 'data']);
/** Bytes of the largest tensor that the engine's address space could hold. */
const maxBytes = 2 ** 31 - 1;

/**
 * Values with their shape, checked.
 * @throws ShapeError if the values do not fill the shape or nested arrays are ragged; ValueError if
 *   there is something else than numbers; OutOfMemoryError for more than can be addressed
 */
export function toTensorData(
  operation: string,
  operand: string,
  values: MaskLike | ArrayLike<number>,
  shape?: readonly number[],
): TensorData {
  const what = `${operation}: ${operand}`;
  if (isTensorData(values))
    return toTensorData(operation, operand, values.data, shape ?? values.shape);

  const flat = ArrayBuffer.isView(values);
  const data = flat ? floats(what, values) : flatten(what, values, mayBeTrue.has(operand));
  const natural = flat ? [data.length] : shapeOf(values);
  const wanted = shape === undefined ? natural : checkedShape(what, shape);
  if (countOf(wanted) !== data.length) {
    fail(
      'ShapeError',
      `${what}: ${data.length} values, expected ${countOf(wanted)} for the shape ${show(wanted)}`,
    );
  }
  return { shape: wanted, data };
}

/** The values as nested arrays, as deep as the shape is long. */
export function nest({ shape, data }: TensorData): NestedNumbers {
  const level = (axis: number, begin: number, count: number): NestedNumbers => {
    if (axis === shape.length) return data[begin] ?? 0;
    const size = shape[axis] ?? 0;
    const stride = size ? count / size : 0;
    return Array.from({ length: size }, (_, i) => level(axis + 1, begin + i * stride, stride));
  };
  return level(0, 0, data.length);
}

/** The number of elements of a shape. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

/** As errors print it: (2, 3, 6, 9). */
export function show(shape: readonly number[]): string {
  return `(${shape.join(', ')})`;
}

/** throws OutOfMemoryError, before anything is tried, for what no engine could hold. */
export function expectAddressable(what: string, shape: readonly number[]): void {
  if (4 * countOf(shape) > maxBytes) {
    fail('OutOfMemoryError', `${what} would be ${show(shape)}, more than 2 GB`);
  }
}

function checkedShape(what: string, shape: readonly number[]): readonly number[] {
  const list: unknown = shape;
  if (!Array.isArray(list)) fail('ValueError', `${what}: the shape is no array`);
  if (shape.length > maxRank) {
    fail('ValueError', `${what}: ${shape.length} axes, at most ${maxRank} are possible`);
  }
  const wrong = shape.findIndex((size) => !Number.isSafeInteger(size) || size < 0);
  if (wrong >= 0) {
    fail('ValueError', `${what}: the shape is ${show(shape)}, expected whole numbers from 0`);
  }
  expectAddressable(what, shape);
  return shape;
}

function isTensorData(values: unknown): values is TensorData {
  return typeof values === 'object' && values !== null && 'shape' in values && 'data' in values;
}

/** throws ValueError for anything but a Float32Array, of this realm or another. */
export function expectFloats(operation: string, name: string, value: unknown): void {
  if (value instanceof Float32Array) return;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === 'Float32Array') return;
  fail('ValueError', `${operation}: ${name} is ${tag}, expected a Float32Array`);
}

function floats(what: string, values: ArrayBufferView): Float32Array {
  if (values instanceof Float32Array) return values;
  // Asked by tag, because a value may come from another realm.
  switch (Object.prototype.toString.call(values)) {
    case '[object Float32Array]':
      return values as Float32Array;
    case '[object Float64Array]':
    case '[object Int32Array]':
    case '[object Int16Array]':
    case '[object Int8Array]':
    case '[object Uint32Array]':
    case '[object Uint16Array]':
    case '[object Uint8Array]':
    case '[object Uint8ClampedArray]':
      return Float32Array.from(values as Float64Array);
    default:
      return fail('ValueError', `${what}: expected an array of numbers`);
  }
}

// The shape that nested arrays have along their first elements.
function shapeOf(values: unknown): number[] {
  const shape: number[] = [];
  for (let level = values; Array.isArray(level); level = level[0] as unknown)
    shape.push(level.length);
  return shape;
}

function flatten(what: string, values: unknown, booleans: boolean): Float32Array {
  const shape = checkedShape(what, shapeOf(values));
  const data = new Float32Array(countOf(shape));
  let next = 0;
  const visit = (level: unknown, axis: number): void => {
    if (axis === shape.length) {
      if (Array.isArray(level))
        fail('ShapeError', `${what}: ragged, not all rows are equally deep`);
      if (typeof level !== 'number' && !(booleans && typeof level === 'boolean')) {
        fail('ValueError', `${what}: found ${typeof level}, expected numbers`);
      }
      data[next++] = Number(level);
    } else if (!Array.isArray(level) || level.length !== shape[axis]) {
      fail(
        'ShapeError',
        `${what}: ragged, not all rows of axis ${axis} are ${String(shape[axis])} long`,
      );
    } else {
      for (const inner of level as unknown[]) visit(inner, axis + 1);
    }
  };
  visit(values, 0);
  return data;
}
