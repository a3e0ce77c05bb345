// SPDX-License-Identifier: MIT
// What the functions mean is said in trace-types.ts.
import type { Core } from './core.js';
import { operate } from './operate.js';
import type { Operands } from './operate.js';
import { readTensor } from './read.js';
import type { Measures, TensorData, TensorLike } from './types.js';

export class EngineMeasures implements Measures {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  entropy(weights: TensorLike): TensorData {
    return this.#measure('entropy', { weights });
  }
  meanEntropy(weights: TensorLike): TensorData {
    return this.#measure('meanEntropy', { weights });
  }
  rollout(weights: TensorLike): TensorData {
    return this.#measure('rollout', { weights });
  }
  received(weights: TensorLike): TensorData {
    return this.#measure('received', { weights });
  }
  kendallTau(x: TensorLike, y: TensorLike): number {
    return this.#measure('kendallTau', { x, y }).data[0]!;
  }

  #measure(name: string, operands: Operands): TensorData {
    return readTensor(this.#core, operate(this.#core, name, operands)[0]!.number);
  }
}
