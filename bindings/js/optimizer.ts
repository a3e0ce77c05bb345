// SPDX-License-Identifier: MIT
import type { Core } from './core.js';
import type { EngineTensor } from './engine-tensor.js';
import { fail } from './error.js';
import { disposeSymbol } from './features.js';
import type { Operands } from './operate.js';
import { operate } from './operate.js';
import type { Optimizer, Tensor } from './types.js';

/** An optimizer of the engine, and the tensors that it moves. */
export class EngineOptimizer implements Optimizer {
  rate: number;
  readonly #core: Core;
  readonly #parameters: readonly EngineTensor[];
  readonly #optimizer: number;
  #disposed = false;

  constructor(
    core: Core,
    kind: 'adam' | 'sgd',
    parameters: readonly Tensor[],
    rate: number,
    options: object,
  ) {
    const list: unknown = parameters;
    if (!Array.isArray(list)) fail('ValueError', `${kind}: the parameters are no array`);
    this.#core = core;
    this.#parameters = [...parameters] as EngineTensor[];
    this.rate = rate;
    operate(core, kind, this.#operands(), options);
    this.#optimizer = core.answer() as number;
    core.hold(this);
  }

  step(): number {
    this.#expectAlive();
    operate(this.#core, 'optimizer.step', {}, { optimizer: this.#optimizer, rate: this.rate });
    for (const parameter of this.#parameters) parameter.forget();
    return (this.#core.answer() as number | null) ?? NaN;
  }

  zeroGrad(): void {
    this.#expectAlive();
    operate(this.#core, 'zeroGrad', this.#operands());
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#core.drop(this)) {
      this.#core.retire('optimizer.release', { optimizer: this.#optimizer });
    }
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  #operands(): Operands {
    return Object.fromEntries(
      this.#parameters.map((parameter, i) => [`parameter ${i}`, parameter]),
    );
  }

  #expectAlive(): void {
    if (this.#disposed) fail('DisposedError', 'optimizer: it was disposed of');
  }
}
