// SPDX-License-Identifier: MIT
// A tensor in the memory of an engine on this thread, with what it can do. What the methods mean is
// said in tensor-types.ts, what they refuse in C++.
import type { Core, Facts } from './core.js';
import { fail } from './error.js';
import type { Operands, Resident } from './operate.js';
import { operate } from './operate.js';
import { BaseTensor } from './tensor.js';
import type { Axes, MaskLike, ReduceOptions, Sizes, Tensor, TensorLike } from './types.js';
import { countOf, show } from './values.js';

export class EngineTensor extends BaseTensor implements Tensor, Resident {
  readonly requiresGrad: boolean;
  readonly #core: Core;
  readonly #number: number;

  constructor(core: Core, { number, needsGradient, shape }: Facts) {
    super(shape);
    this.requiresGrad = needsGradient;
    this.#core = core;
    this.#number = number;
    core.hold(this);
  }

  numberIn(core: Core, operation: string, operand: string): number {
    this.expectAlive();
    if (core !== this.#core) fail('ValueError', `${operation}: ${operand}: of another engine`);
    return this.#number;
  }

  get grad(): Tensor | undefined {
    return maybe(this.#core, operate(this.#core, 'grad', { x: this }));
  }
  backward(): void {
    operate(this.#core, 'backward', { loss: this });
  }
  retainGrad(): this {
    operate(this.#core, 'retainGrad', { x: this });
    return this;
  }
  detach(): Tensor {
    return this.#do('detach');
  }
  clone(): Tensor {
    return this.#do('clone');
  }
  size(axis: number): number {
    return this.shape[this.#axis('size', axis)]!;
  }

  add(other: TensorLike): Tensor {
    return this.#with('add', other);
  }
  sub(other: TensorLike): Tensor {
    return this.#with('sub', other);
  }
  mul(other: TensorLike): Tensor {
    return this.#with('mul', other);
  }
  div(other: TensorLike): Tensor {
    return this.#with('div', other);
  }
  maximum(other: TensorLike): Tensor {
    return this.#with('maximum', other);
  }
  minimum(other: TensorLike): Tensor {
    return this.#with('minimum', other);
  }
  pow(exponent: number): Tensor {
    return this.#do('pow', { exponent });
  }
  neg(): Tensor {
    return this.#do('neg');
  }
  abs(): Tensor {
    return this.#do('abs');
  }
  exp(): Tensor {
    return this.#do('exp');
  }
  log(): Tensor {
    return this.#do('log');
  }
  sqrt(): Tensor {
    return this.#do('sqrt');
  }
  sin(): Tensor {
    return this.#do('sin');
  }
  cos(): Tensor {
    return this.#do('cos');
  }
  tanh(): Tensor {
    return this.#do('tanh');
  }
  sigmoid(): Tensor {
    return this.#do('sigmoid');
  }
  relu(): Tensor {
    return this.#do('relu');
  }
  gelu(approximate?: 'tanh'): Tensor {
    return this.#do(approximate === 'tanh' ? 'geluTanh' : 'gelu');
  }
  silu(): Tensor {
    return this.#do('silu');
  }

  equal(other: TensorLike): Tensor {
    return this.#with('equal', other);
  }
  notEqual(other: TensorLike): Tensor {
    return this.#with('notEqual', other);
  }
  less(other: TensorLike): Tensor {
    return this.#with('less', other);
  }
  lessEqual(other: TensorLike): Tensor {
    return this.#with('lessEqual', other);
  }
  greater(other: TensorLike): Tensor {
    return this.#with('greater', other);
  }
  greaterEqual(other: TensorLike): Tensor {
    return this.#with('greaterEqual', other);
  }
  matmul(other: TensorLike): Tensor {
    return this.#with('matmul', other);
  }

  sum(axis?: Axes, options?: ReduceOptions): Tensor {
    return this.#do('sum', { ...options, axis });
  }
  mean(axis?: Axes, options?: ReduceOptions): Tensor {
    return this.#do('mean', { ...options, axis });
  }
  variance(axis?: Axes, options?: ReduceOptions & { correction?: number }): Tensor {
    return this.#do('variance', { ...options, axis });
  }
  max(axis?: Axes, options?: ReduceOptions): Tensor {
    return this.#do('max', { ...options, axis });
  }
  min(axis?: Axes, options?: ReduceOptions): Tensor {
    return this.#do('min', { ...options, axis });
  }
  argmax(axis?: number, options?: ReduceOptions): Tensor {
    return this.#do('argmax', { ...options, axis });
  }
  cumulativeSum(axis?: number): Tensor {
    return this.#do('cumulativeSum', { axis });
  }
  softmax(axis?: number): Tensor {
    return this.#do('softmax', { axis });
  }
  logSoftmax(axis?: number): Tensor {
    return this.#do('logSoftmax', { axis });
  }

  reshape(...shape: Sizes): Tensor {
    return this.#do('reshape', { shape: listed(shape) });
  }
  permute(...order: Sizes): Tensor {
    return this.#do('permute', { order: listed(order) });
  }
  transpose(first = -2, second = -1): Tensor {
    return this.#do('transpose', { first, second });
  }
  get T(): Tensor {
    return this.transpose();
  }
  expand(...shape: Sizes): Tensor {
    const sizes = listed(shape);
    const missing = sizes.length - this.shape.length;
    return this.#do('expand', {
      shape: sizes.map((size, axis) => (size === -1 ? this.shape[axis - missing] : size)),
    });
  }
  squeeze(axis?: number): Tensor {
    if (axis === undefined) return this.reshape(this.shape.filter((size) => size !== 1));
    const place = this.#axis('squeeze', axis);
    if (this.shape[place] !== 1) {
      fail('ShapeError', `squeeze: axis ${axis} of ${show(this.shape)} is not 1`);
    }
    return this.reshape(this.shape.toSpliced(place, 1));
  }
  unsqueeze(axis: number): Tensor {
    const place = axisOf('unsqueeze', axis, this.shape.length + 1);
    return this.reshape(this.shape.toSpliced(place, 0, 1));
  }
  flatten(first = 0, last = -1): Tensor {
    if (this.shape.length === 0) return this.reshape(1);
    const [begin, end] = [this.#axis('flatten', first), this.#axis('flatten', last) + 1];
    const joined = countOf(this.shape.slice(begin, end));
    return this.reshape(this.shape.toSpliced(begin, end - begin, joined));
  }

  slice(axis: number, start: number, stop = Infinity): Tensor {
    const place = this.#axis('slice', axis);
    const size = this.shape[place]!;
    const fromEnd = (at: number) => (at < 0 ? at + size : at);
    const end = stop === Infinity ? size : fromEnd(stop);
    return this.#do('slice', { axis: place, start: fromEnd(start), stop: end });
  }
  select(axis: number, index: number): Tensor {
    const place = this.#axis('select', axis);
    const size = this.shape[place]!;
    if (!Number.isInteger(index) || index < -size || index >= size) {
      fail('ValueError', `select: index ${String(index)} is not in an axis of ${size}`);
    }
    const start = index < 0 ? index + size : index;
    const row = operate(this.#core, 'slice', { x: this }, { axis: place, start, stop: start + 1 });
    return this.#then(row, (one) => one.reshape(this.shape.toSpliced(place, 1)));
  }
  at(...indices: readonly number[]): Tensor {
    const [first, ...rest] = indices;
    if (first === undefined) return this.clone();
    const row = this.select(0, first);
    if (rest.length === 0) return row;
    try {
      return row.at(...rest);
    } finally {
      row.dispose();
    }
  }
  indexSelect(axis: number, indices: TensorLike): Tensor {
    return this.#do('indexSelect', { axis }, { indices });
  }
  takeAlongAxis(indices: TensorLike, axis: number): Tensor {
    return this.#do('takeAlongAxis', { axis }, { indices });
  }
  gather(axis: number, indices: TensorLike): Tensor {
    return this.takeAlongAxis(indices, axis);
  }
  diagonal(first = 0, second = 1): Tensor {
    return this.#do('diagonal', { first, second });
  }

  maskedFill(mask: MaskLike, value: number): Tensor {
    return this.#do('maskedFill', { value }, { mask });
  }
  tril(diagonal?: number): Tensor {
    return this.#do('tril', { diagonal });
  }
  triu(diagonal?: number): Tensor {
    return this.#do('triu', { diagonal });
  }

  override view(): Float32Array {
    this.expectAlive();
    return this.#core.view(this.#number, countOf(this.shape));
  }

  protected override read(): Float32Array {
    return this.view().slice();
  }

  protected override release(): void {
    if (this.#core.drop(this)) this.#core.release(this.#number);
  }

  #do(operation: string, options?: object, operands?: Operands): Tensor {
    return only(this.#core, operate(this.#core, operation, { x: this, ...operands }, options));
  }

  #with(operation: string, other: TensorLike): Tensor {
    return only(this.#core, operate(this.#core, operation, { x: this, y: other }));
  }

  // What `next` makes of an intermediate tensor, which goes.
  #then(facts: (Facts | undefined)[], next: (x: Tensor) => Tensor): Tensor {
    const between = only(this.#core, facts);
    try {
      return next(between);
    } finally {
      between.dispose();
    }
  }

  #axis(operation: string, axis: number): number {
    return axisOf(operation, axis, this.shape.length);
  }
}

/** The one result of an operation. */
export function only(core: Core, facts: readonly (Facts | undefined)[]): EngineTensor {
  return new EngineTensor(core, facts[0]!);
}

/** The result of an operation that may have none. */
export function maybe(core: Core, [facts]: readonly (Facts | undefined)[]): Tensor | undefined {
  return facts && new EngineTensor(core, facts);
}

function axisOf(operation: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    fail('ValueError', `${operation}: axis ${String(axis)} of a tensor of ${rank} axes`);
  }
  return axis < 0 ? axis + rank : axis;
}

function listed(sizes: Sizes): readonly number[] {
  return Array.isArray(sizes[0]) ? sizes[0] : (sizes as readonly number[]);
}
