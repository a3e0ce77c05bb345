// SPDX-License-Identifier: MIT
// Operations and layers against PyTorch, through the border: tests/golden/README.md, section torch.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EngineFunctions } from '../../bindings/js/functions.js';
import { only } from '../../bindings/js/engine-tensor.js';
import { operate } from '../../bindings/js/operate.js';
import type { LayerKinds, Lab, Tensor, TensorData } from '../../bindings/js/index.node.js';
import { startLab } from './engine.js';
import { readSafetensors } from './safetensors.js';

let regard: Lab;
beforeAll(async () => {
  regard = await startLab();
});
afterAll(() => regard.dispose());

const folder = 'tests/golden/torch';

function cases(name: string): { all: unknown; tensors: Map<string, TensorData> } {
  const { cases: all } = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as {
    cases: unknown;
  };
  return { all, tensors: readSafetensors(`${folder}/${name}.safetensors`) };
}

/**
 * Sums of at most a hundred products, of numbers of the size of the largest, over at most four
 * layers: 2^-24 of it each. NaN only where PyTorch has it.
 */
const tolerance = 4 * 100 * 2 ** -24;

function expectClose(what: string, actual: TensorData | undefined, wanted: TensorData): void {
  expect([what, actual?.shape]).toEqual([what, wanted.shape]);
  const scale = wanted.data.reduce((most, x) => (Math.abs(x) > most ? Math.abs(x) : most), 1);
  let worst = 0;
  wanted.data.forEach((value, i) => {
    const found = actual!.data[i]!;
    if (Object.is(found, value) || found === value) return;
    const distance = Math.abs(found - value) / scale;
    worst = Math.max(worst, Number.isNaN(distance) ? Infinity : distance);
  });
  if (!(worst < tolerance)) throw new Error(`${what} is off by ${worst}`);
}

describe('tensors', () => {
  const { all: untyped, tensors } = cases('tensors');
  const all = untyped as { name: string; operation: string; inputs: number; options: object }[];
  const operations = [...new Set(all.map(({ operation }) => operation))];

  test.each(operations)('%s', (operation) => {
    for (const { name, inputs, options } of all.filter((one) => one.operation === operation)) {
      regard.scope(() => {
        const get = (what: string) => tensors.get(`${name}.${what}`)!;
        const given = Array.from({ length: inputs }, (_, i) =>
          tensors.has(`${name}.gradient.${i}`)
            ? regard.parameter(get(String(i)))
            : regard.tensor(get(String(i))),
        );
        // The engine by names, as every method calls it.
        const { core } = regard as unknown as { core: EngineFunctions['core'] };
        const y = only(
          core,
          operate(core, operation, Object.fromEntries(given.entries()), options),
        );
        expectClose(name, y, get('output'));
        y.mul(get('loss')).sum().backward();
        given.forEach((x, i) => {
          if (x.requiresGrad) expectClose(`${name}: ${i}`, x.grad, get(`gradient.${i}`));
        });
      });
    }
  });
});

describe('layers', () => {
  const { all: untyped, tensors } = cases('layers');
  const all = untyped as {
    name: string;
    kind: keyof LayerKinds;
    options: object;
    call: object;
    inputs: string[];
    weights: string[];
    outputs: string[];
    gradients: string[];
  }[];
  const kinds = [...new Set(all.map(({ kind }) => kind))];

  test.each(kinds)('%s', (kind) => {
    for (const one of all.filter((other) => other.kind === kind)) {
      regard.scope(() => {
        const get = (what: string) => tensors.get(`${one.name}.${what}`)!;
        const named = <Value>(names: string[], value: (name: string) => Value) =>
          Object.fromEntries(names.map((name) => [name, value(name)]));
        const layer = regard.layer(kind, one.options);
        layer.load(named(one.weights, (name) => get(`weight.${name}`)));
        const inputs = named(one.inputs, (name) =>
          one.gradients.includes(`gradient.input.${name}`)
            ? regard.parameter(get(`input.${name}`))
            : regard.tensor(get(`input.${name}`)),
        );
        const outputs = layer.forward(inputs, one.call) as Readonly<Record<string, Tensor>>;
        for (const name of one.outputs) {
          expectClose(`${one.name}: ${name}`, outputs[name], get(`output.${name}`));
        }
        outputs['output']!.mul(get('loss')).sum().backward();
        for (const path of one.gradients) {
          const [, kindOf, name] = /^gradient\.(input|weight)\.(.*)$/.exec(path)!;
          const of = kindOf === 'input' ? inputs[name!] : layer.parameters[name!];
          expectClose(`${one.name}: ${path}`, of!.grad, get(path));
        }
      });
    }
  });
});
