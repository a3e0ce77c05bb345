// SPDX-License-Identifier: MIT
// Every case of tests/golden/conventions through the public package: what a program answered beside
// what we answer. Shared by the tests and by `npm run conformance`.
import { readFileSync } from 'node:fs';
import type {
  AttentionOptions,
  Lab,
  Regard,
  Tensor,
  TensorData,
} from '../../bindings/js/index.node.js';
import { readSafetensors } from './safetensors.js';

export const conventions = [
  'onnx-23',
  'onnx-24',
  'onnx-25',
  'torch',
  'torch-mha',
  'keras',
  'keras-attention',
  'jax',
  'd2l',
] as const;

/** A layer as `regard.layer` makes it. */
export interface GoldenLayer {
  readonly kind: string;
  readonly options?: object;
}

/** One call of a program, in our words. */
export interface GoldenCase {
  readonly name: string;
  readonly feature: string;
  readonly options: AttentionOptions & { readonly averageWeights?: boolean };
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Of what; those of the sum of output * loss. */
  readonly gradients?: readonly string[];
  /** Which of the file's tolerances holds. */
  readonly tolerance: string;
  /** What owns parameters in place of the function; the inputs `weight.…` are its checkpoint. */
  readonly layer?: GoldenLayer;
  /** Where the program's own answer is not what is stored, and why. */
  readonly note?: string;
}

export interface Tolerance {
  readonly error: number;
  readonly why: string;
}

/** The cases of one convention, and their numbers by `<case>.<name>`. */
export interface Golden {
  readonly convention: string;
  readonly script: string;
  readonly date: string;
  readonly programs: Readonly<Record<string, string>>;
  readonly tolerances: Readonly<Record<string, Tolerance>>;
  readonly cases: readonly GoldenCase[];
  readonly tensors: ReadonlyMap<string, TensorData>;
}

/** Reads a convention's pair of files; `folder` is tests/golden/conventions. */
export function readGolden(convention: string, folder = 'tests/golden/conventions'): Golden {
  const text = readFileSync(`${folder}/${convention}.json`, 'utf8');
  return {
    ...(JSON.parse(text) as Omit<Golden, 'tensors'>),
    tensors: readSafetensors(`${folder}/${convention}.safetensors`),
  };
}

/** How far one tensor of a case is off. */
export interface Deviation {
  /** `output`, `weights`, `gradient of keys`, … */
  readonly what: string;
  readonly absolute: number;
  /** In units of the largest finite number expected, or of 1 if that is less. */
  readonly relative: number;
  readonly allowed: number;
}

/** Computes a case and compares it. throws what the package throws, and for a tensor of another shape. */
export function compare(regard: Lab, golden: Golden, one: GoldenCase): Deviation[] {
  return regard.scope(() => {
    const given = new Map(
      one.inputs.map((name) => {
        const data = expected(golden, one, name);
        return [name, one.gradients?.includes(name) ? regard.parameter(data) : regard.tensor(data)];
      }),
    );
    const result = attend(regard, one, given);
    const deviations = one.outputs.map((what) => {
      const { error } = golden.tolerances[one.tolerance]!;
      return deviation(what, result[what], expected(golden, one, what), error);
    });
    if (!one.gradients) return deviations;

    result.output
      .mul(expected(golden, one, 'loss'))
      .sum()
      .backward();
    const { error } = golden.tolerances['gradient']!;
    return deviations.concat(
      one.gradients.map((name) => {
        const wanted = expected(golden, one, `gradient.${name}`);
        return deviation(`gradient of ${name}`, given.get(name)!.grad, wanted, error);
      }),
    );
  });
}

/**
 * The same on an engine without gradients and layers: what attention gives. A case of a layer has
 * nothing that such an engine could compute.
 */
export function compareForward(regard: Regard, golden: Golden, one: GoldenCase): Deviation[] {
  if (one.layer) return [];
  return regard.scope(() => {
    const given = new Map(one.inputs.map((name) => [name, expected(golden, one, name)]));
    const { weights, ...rest } = regard.attention(...argumentsOf(one, given));
    const averages = weights && one.options.averageWeights;
    const answer: Record<string, TensorData> = {
      ...rest,
      ...(weights && { weights: averages ? averaged(weights) : weights }),
    };
    return one.outputs.map((what) => {
      const { error } = golden.tolerances[one.tolerance]!;
      return deviation(what, answer[what], expected(golden, one, what), error);
    });
  });
}

// (…, H, L, S): the mean over the heads.
function averaged({ shape, data }: TensorData): TensorData {
  const [heads, rows, columns] = shape.slice(-3) as [number, number, number];
  const block = rows * columns;
  const mean = new Float32Array(data.length / heads);
  data.forEach((value, i) => {
    mean[Math.floor(i / (heads * block)) * block + (i % block)]! += value / heads;
  });
  return { shape: [...shape.slice(0, -3), rows, columns], data: mean };
}

function expected({ tensors, convention }: Golden, { name }: GoldenCase, what: string): TensorData {
  const tensor = tensors.get(`${name}.${what}`);
  if (!tensor) throw new Error(`${convention}: ${name}: there is no ${what}`);
  return tensor;
}

// What is compared of a case's answer, by name.
type Answer = { readonly output: Tensor } & Readonly<Record<string, Tensor>>;
type Given = Map<string, Tensor>;

function attend(regard: Lab, one: GoldenCase, given: Given): Answer {
  if (!one.layer) return attendTo(regard, one, given);
  return one.options.convention === 'keras'
    ? attendAsKeras(regard, one, given)
    : attendAsLayer(regard, one, one.layer, given);
}

function attendTo(regard: Lab, one: GoldenCase, given: Given): Answer {
  const result = regard.attention(...argumentsOf(one, given));
  const averages = one.options.averageWeights;
  return averages ? { ...result, weights: result.weights!.mean(-3) } : { ...result };
}

// What the function is given: operands, and the options with what else are tensors.
function argumentsOf<T extends TensorData>(
  one: GoldenCase,
  given: ReadonlyMap<string, T>,
): [T, T, T, AttentionOptions] {
  const options: AttentionOptions & { averageWeights?: boolean } = { ...one.options };
  delete options.averageWeights;
  const tensors = ['mask', 'bias', 'keyMask', 'pastKey', 'pastValue'] as const;
  const score = { query: 'scoreQuery', key: 'scoreKey', vector: 'scoreVector' };
  const chosen = (names: readonly (readonly [string, string])[]) =>
    Object.fromEntries(
      names.filter(([, of]) => given.has(of)).map(([name, of]) => [name, given.get(of)!]),
    );
  const scoreParameters = chosen(Object.entries(score));
  return [
    given.get('queries')!,
    given.get('keys')!,
    given.get('values')!,
    {
      ...options,
      ...chosen(tensors.map((name) => [name, name])),
      ...(Object.keys(scoreParameters).length && { scoreParameters }),
    },
  ];
}

// A layer of ours with a checkpoint of the program's. From here on `given` has its parameters.
function attendAsLayer(
  regard: Lab,
  one: GoldenCase,
  { kind, options }: GoldenLayer,
  given: Given,
): Answer {
  const layer = regard.layer(kind as 'MultiHeadAttention', options as never);
  const prefix = 'weight.';
  const inputs = [...given].filter(([name]) => !name.startsWith(prefix));
  const state = [...given].filter(([name]) => name.startsWith(prefix));
  layer.load(Object.fromEntries(state.map(([name, x]) => [name.slice(prefix.length), x])));
  for (const [name, parameter] of Object.entries(layer.parameters)) {
    given.set(prefix + name, parameter);
  }
  return layer.forward(Object.fromEntries(inputs) as never, { ...one.options } as never) as Answer;
}

// A whole layer of Keras: attention between projections to (B, T, heads, width) and back.
function attendAsKeras(regard: Lab, one: GoldenCase, given: Given): Answer {
  const project = (equation: string, x: Tensor, name: string) => {
    const y = regard.einsum(equation, x, given.get(`weight.${name}.kernel`)!);
    const bias = given.get(`weight.${name}.bias`);
    return bias ? y.add(bias) : y;
  };
  const projected = new Map(given);
  for (const [operand, name] of Object.entries({
    queries: 'query',
    keys: 'key',
    values: 'value',
  })) {
    projected.set(operand, project('btm,mnh->btnh', given.get(operand)!, name));
  }
  const { output, ...rest } = attendTo(regard, one, projected);
  return { ...rest, output: project('btnh,nhm->btm', output, 'output') };
}

function deviation(
  what: string,
  actual: TensorData | undefined,
  wanted: TensorData,
  allowed: number,
): Deviation {
  if (!actual) throw new Error(`there is no ${what}`);
  if (String(actual.shape) !== String(wanted.shape)) {
    throw new Error(`${what} is (${String(actual.shape)}), expected (${String(wanted.shape)})`);
  }
  let absolute = 0;
  let largest = 1;
  const { data } = actual;
  wanted.data.forEach((value, i) => {
    if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    // infinities and NaN must be where they are expected
    if (Object.is(data[i], value) || data[i] === value) return;
    const distance = Math.abs(data[i]! - value);
    absolute = Math.max(absolute, Number.isNaN(distance) ? Infinity : distance);
  });
  return { what, absolute, relative: absolute / largest, allowed };
}
