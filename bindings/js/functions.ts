// SPDX-License-Identifier: MIT
// What an engine computes, by name. What the functions mean is said in function-types.ts, what they
// refuse in C++.
import { attention } from './attention.js';
import { coverageAttention } from './coverage.js';
import type { Core } from './core.js';
import { EngineTensor, only } from './engine-tensor.js';
import { fail } from './error.js';
import { EngineLayer, layerKinds } from './layer.js';
import type { Operands } from './operate.js';
import { copyIn, operate } from './operate.js';
import { EngineOptimizer } from './optimizer.js';
import { scope } from './scope.js';
import type * as api from './types.js';
import { toTensorData } from './values.js';

type Values = api.MaskLike | ArrayLike<number>;

export abstract class EngineFunctions {
  protected readonly core: Core;

  constructor(core: Core) {
    this.core = core;
  }

  tensor(values: Values, shape?: readonly number[]): api.Tensor {
    const data = toTensorData('tensor', 'data', values, shape);
    const number = copyIn(this.core, data);
    return new EngineTensor(this.core, {
      number,
      needsGradient: false,
      shape: [...data.shape],
    });
  }
  parameter(values: Values, shape?: readonly number[]): api.Tensor {
    return this.#do('parameter', { data: toTensorData('parameter', 'data', values, shape) });
  }
  scope<T>(body: () => T): T {
    return scope(this.core, body);
  }
  noGrad<T>(body: () => T): T {
    const before = this.core.records;
    this.core.records = false;
    try {
      const result = body();
      if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
        fail(
          'ValueError',
          'noGrad: the function returned a promise, expected one that works at once',
        );
      }
      return result;
    } finally {
      this.core.records = before;
    }
  }

  zeros(shape: readonly number[]): api.Tensor {
    return this.full(shape, 0);
  }
  ones(shape: readonly number[]): api.Tensor {
    return this.full(shape, 1);
  }
  full(shape: readonly number[], value: number): api.Tensor {
    return this.#do('full', {}, { shape, value });
  }
  arange(start: number, stop?: number, step?: number): api.Tensor {
    return this.#do('arange', {}, stop === undefined ? { stop: start } : { start, stop, step });
  }
  eye(size: number): api.Tensor {
    return this.#do('eye', {}, { size });
  }
  randn(shape: readonly number[], options?: { seed?: number }): api.Tensor {
    return this.#do('randn', {}, { ...options, shape });
  }
  rand(shape: readonly number[], options?: { seed?: number }): api.Tensor {
    return this.#do('rand', {}, { ...options, shape });
  }
  oneHot(indices: api.TensorLike, classes: number): api.Tensor {
    return this.#do('oneHot', { indices }, { classes });
  }

  where(condition: api.MaskLike, x: api.TensorLike, y: api.TensorLike): api.Tensor {
    return this.#do('where', { condition, x, y });
  }
  concatenate(parts: readonly api.TensorLike[], axis = 0): api.Tensor {
    return this.#do('concatenate', numbered('concatenate', 'part', parts), { axis });
  }
  stack(parts: readonly api.TensorLike[], axis = 0): api.Tensor {
    return this.#do('stack', numbered('stack', 'part', parts), { axis });
  }
  einsum(equation: string, ...operands: readonly api.TensorLike[]): api.Tensor {
    return this.#do('einsum', numbered('einsum', 'operand', operands), { equation });
  }

  embedding(ids: api.TensorLike, table: api.TensorLike): api.Tensor {
    return this.#do('embedding', { ids, table });
  }
  linear(x: api.TensorLike, weight: api.TensorLike, bias?: api.TensorLike): api.Tensor {
    return this.#do('linear', { x, weight, bias });
  }
  layerNorm(
    x: api.TensorLike,
    gamma?: api.TensorLike,
    beta?: api.TensorLike,
    options?: { epsilon?: number },
  ): api.Tensor {
    return this.#do('layerNorm', { x, gamma, beta }, options);
  }
  dropout(x: api.TensorLike, p: number, options?: { seed?: number }): api.Tensor {
    return this.#do('dropout', { x }, { ...options, p });
  }
  crossEntropy(
    logits: api.TensorLike,
    targets: api.TensorLike,
    options?: api.CrossEntropyOptions,
  ): api.Tensor {
    return this.#do('crossEntropy', { logits, targets }, options);
  }
  mse(x: api.TensorLike, target: api.TensorLike): api.Tensor {
    return this.#do('mse', { x, target });
  }

  attention(
    q: api.TensorLike,
    k: api.TensorLike,
    v: api.TensorLike,
    options?: api.AttentionOptions,
  ): api.Attention {
    return attention(this.core, q, k, v, options);
  }

  coverageAttention(
    q: api.TensorLike,
    k: api.TensorLike,
    v: api.TensorLike,
    options: api.CoverageOptions,
  ): api.CoverageAttention {
    return coverageAttention(this.core, [q, k, v], options);
  }

  layerKinds(): readonly api.LayerKind[] {
    return layerKinds(this.core);
  }
  layer<Kind extends keyof api.LayerKinds>(
    kind: Kind,
    ...[options = {}, random = {}]: api.LayerArguments<Kind>
  ): api.Layer<Kind> {
    return new EngineLayer(this.core, kind, options, random);
  }

  adam(
    parameters: readonly api.Tensor[],
    { rate = 0.001, ...options }: api.AdamOptions = {},
  ): api.Optimizer {
    return new EngineOptimizer(this.core, 'adam', parameters, rate, options);
  }
  sgd(parameters: readonly api.Tensor[], { rate, ...options }: api.SgdOptions): api.Optimizer {
    return new EngineOptimizer(this.core, 'sgd', parameters, rate, options);
  }

  #do(operation: string, operands: Operands, options?: object): api.Tensor {
    return only(this.core, operate(this.core, operation, operands, options));
  }
}

function numbered(operation: string, name: string, operands: readonly api.TensorLike[]): Operands {
  const list: unknown = operands;
  if (!Array.isArray(list)) fail('ValueError', `${operation}: expected an array of tensors`);
  return Object.fromEntries(operands.map((operand, i) => [`${name} ${i}`, operand]));
}
