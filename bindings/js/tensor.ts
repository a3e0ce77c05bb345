// SPDX-License-Identifier: MIT
// Tensors: numbers inside the engine, or here when the engine runs in a Worker. One interface.
import type { Core } from './core.js';
import { fail } from './error.js';
import { disposeSymbol } from './features.js';
import type { Sizes, TensorHandle } from './module.js';
import type { NestedNumbers, Tensor, TensorData } from './types.js';
import { countOf, nest } from './values.js';

abstract class BaseTensor implements Tensor {
  readonly shape: readonly number[];
  #data: Float32Array | undefined;
  #disposed = false;

  constructor(shape: readonly number[], data?: Float32Array) {
    this.shape = Object.freeze([...shape]);
    this.#data = data;
  }

  get data(): Float32Array {
    this.expectAlive();
    return (this.#data ??= this.read());
  }

  toArray(): NestedNumbers {
    return nest(this);
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

  protected expectAlive(): void {
    if (this.#disposed) fail('DisposedError', 'tensor: it was disposed of');
  }

  protected abstract read(): Float32Array;
  protected abstract release(): void;
}

/** A tensor in the memory of an engine on this thread. */
export class EngineTensor extends BaseTensor {
  readonly #core: Core;
  readonly #handle: TensorHandle;

  constructor(core: Core, handle: TensorHandle) {
    super(handle.sizes().slice(0, handle.rank()));
    this.#core = core;
    this.#handle = handle;
    core.tensors.add(this);
  }

  /** For operations of the same engine. */
  handleIn(core: Core, operation: string, operand: string): TensorHandle {
    this.expectAlive();
    if (core !== this.#core) fail('ValueError', `${operation}: ${operand}: of another engine`);
    return this.#handle;
  }

  protected override read(): Float32Array {
    return this.#core.floats(this.#handle.address(), countOf(this.shape));
  }

  protected override release(): void {
    if (this.#core.tensors.delete(this)) this.#core.free(this.#handle);
  }
}

/** A tensor whose values came from elsewhere and live here. */
export class HostTensor extends BaseTensor {
  constructor({ shape, data }: TensorData) {
    super(shape, data);
  }
  protected override read(): Float32Array {
    return fail('DisposedError', 'tensor: it was disposed of');
  }
  protected override release(): void {
    // its values are garbage now
  }
}

/** Copies checked values into the engine. */
export function copyIn(core: Core, { shape, data }: TensorData): TensorHandle {
  const sizes: Sizes = [0, 0, 0, 0, 0, 0];
  shape.forEach((size, axis) => (sizes[axis] = size));
  const handle = core.call((module) => module.tensor(sizes, shape.length));
  core.write(handle.address(), data, 'floats');
  return handle;
}
