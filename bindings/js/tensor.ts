// SPDX-License-Identifier: MIT
// What all tensors have in common: numbers that are read once, until they are disposed of.
import { fail } from './error.js';
import { disposeSymbol } from './features.js';
import type { NestedNumbers, PlainTensor, TensorData } from './types.js';
import { expectFloats, nest, show } from './values.js';

export abstract class BaseTensor implements PlainTensor {
  readonly shape: readonly number[];
  #data: Float32Array | undefined;
  #disposed = false;

  /** The shape becomes the tensor's own. */
  constructor(shape: readonly number[], data?: Float32Array) {
    this.shape = Object.freeze(shape);
    this.#data = data;
  }

  get data(): Float32Array {
    this.expectAlive();
    return (this.#data ??= this.read());
  }

  view(): Float32Array {
    return this.data;
  }

  copyTo(out: Float32Array): Float32Array {
    const values = this.view();
    expectFloats('copyTo', 'out', out);
    if (out.length !== values.length) {
      fail(
        'ShapeError',
        `copyTo: out has ${out.length} elements, expected ${values.length} for the shape ${show(this.shape)}`,
      );
    }
    out.set(values);
    return out;
  }

  toArray(): NestedNumbers {
    return nest(this);
  }

  item(): number {
    const { data, shape } = this;
    if (data.length !== 1) {
      fail('ShapeError', `item: the tensor is ${show(shape)}, expected a single number`);
    }
    return data[0]!;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#data = undefined;
    this.release();
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  /** The values may have changed: they are read again when they are next asked for. */
  forget(): void {
    this.#data = undefined;
  }

  protected expectAlive(): void {
    if (this.#disposed) fail('DisposedError', 'tensor: it was disposed of');
  }

  protected abstract read(): Float32Array;
  protected abstract release(): void;
}

/** A tensor whose values came from elsewhere and live here. */
export class HostTensor extends BaseTensor {
  constructor({ shape, data }: TensorData) {
    super([...shape], data);
  }
  protected override read(): Float32Array {
    return fail('DisposedError', 'tensor: it was disposed of');
  }
  protected override release(): void {
    // its values are garbage now
  }
}
