// SPDX-License-Identifier: MIT
// Operations on what they cannot take: each says what is wrong, and the engine goes on to work.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Lab, Tensor } from '../../bindings/js/index.node.js';
import type { EngineFunctions } from '../../bindings/js/functions.js';
import { operate } from '../../bindings/js/operate.js';
import { failure, startLab } from './engine.js';

let regard: Lab;
let x: Tensor;
beforeAll(async () => {
  regard = await startLab();
  x = regard.tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
});
afterAll(() => regard.dispose());

// prettier-ignore
const refused: [RegExp | string, () => unknown][] = [
  ['ShapeError: add: y is (2), which does not broadcast with (2, 3)', () => x.add([1, 2])],
  [/^ShapeError: matmul: .*\(2, 3\).*\(2, 3\)/, () => x.matmul(x)],
  ['ValueError: add: tensor 1 is missing', () => x.add(undefined as never)],
  ['ValueError: einsum: tensor 0 is missing', () => regard.einsum('i', undefined as never)],
  ['ValueError: add: y: found string, expected numbers', () => x.add('1' as never)],
  ['ShapeError: add: y: ragged, not all rows of axis 1 are 1 long', () => x.add([[1], [2, 3]])],
  ['ValueError: add: y: found boolean, expected numbers', () => x.add(true as never)],
  ['ValueError: sum: 2 is not one of the axes of (2, 3)', () => x.sum(2)],
  [/^ValueError: sum: .*axis/, () => x.sum([0, 0])],
  ['ValueError: sum: axis is 0.5, expected a whole number', () => x.sum(0.5)],
  ["ValueError: sum: unknown option 'keepdim'", () => x.sum(0, { keepdim: true } as object)],
  ['ValueError: sum: keep is 1, expected true or false', () => x.sum(0, { keep: 1 } as never)],
  [/^ShapeError: max: /, () => regard.zeros([0]).max()],
  ['ValueError: pow: exponent is "2", expected a number', () => x.pow('2' as never)],
  ['ValueError: pow: exponent is missing', () => x.pow(undefined as never)],
  [/^ShapeError: reshape: .*\(4\)/, () => x.reshape(4)],
  ['ValueError: reshape: two sizes are -1, expected one at most', () => x.reshape(-1, -1)],
  [/^ValueError: permute: /, () => x.permute(0, 0)],
  [/^ShapeError: .*\(2, 3\).*\(2, 4\)/, () => x.expand(2, 4)],
  ['ShapeError: squeeze: axis 0 of (2, 3) is not 1', () => x.squeeze(0)],
  ['ValueError: unsqueeze: axis 3 of a tensor of 3 axes', () => x.unsqueeze(3)],
  [/^ValueError: slice: /, () => x.slice(1, 2, 1)],
  [/^ValueError: slice: /, () => x.slice(1, 0, 4)],
  ['ValueError: slice: axis 2 of a tensor of 2 axes', () => x.slice(2, 0)],
  ['ValueError: select: index 2 is not in an axis of 2', () => x.at(2)],
  ['ValueError: indexSelect: indices hold 0.5, expected whole numbers', () => x.indexSelect(0, [0.5])],
  ['ValueError: indexSelect: indices hold nan, expected whole numbers', () => x.indexSelect(0, [NaN])],
  [/^ValueError: .* 2/, () => x.indexSelect(0, [2])],
  [/^ShapeError: /, () => x.takeAlongAxis([0], 1)],
  [/^ShapeError: .*mask/, () => x.maskedFill([true, false], 0)],
  [/^ShapeError: /, () => regard.tensor([1]).tril()],
  [/^ShapeError: concatenate: /, () => regard.concatenate([x, [[1, 2]]])],
  ['ValueError: concatenate: expected an array of tensors', () => regard.concatenate(x as never)],
  [/^ValueError: concatenate: /, () => regard.concatenate([])],
  [/^ShapeError: stack: /, () => regard.stack([x, [1]])],
  [/^ValueError: einsum: /, () => regard.einsum('ij->k', x)],
  [/^(Value|Shape)Error: einsum: /, () => regard.einsum('ijk->i', x)],
  ['ValueError: einsum: equation is 1, expected a text', () => regard.einsum(1 as never, x)],
  [/^ValueError: shape: .*-1/, () => regard.zeros([-1])],
  [/^OutOfMemoryError: .*more than this host can address$/, () => regard.zeros([1e6, 1e6])],
  ['ValueError: full: shape is 1000000000000, expected a whole number below 2^31', () => regard.zeros([1e12])],
  ['ValueError: arange: it has no end', () => regard.arange(0, 1, 0)],
  [/^OutOfMemoryError: arange: /, () => regard.arange(1e30)],
  ['ValueError: randn: seed is -1, expected a whole number from 0', () => regard.randn([1], { seed: -1 })],
  [/^ValueError: .*3/, () => regard.oneHot([3], 2)],
  [/^ValueError: embedding: id 9 /, () => regard.embedding([9], x)],
  ['ShapeError: embedding: the table is (3), expected (V, M)', () => regard.embedding([0], [1, 2, 3])],
  ['ShapeError: linear: weight is (3), expected (N, K)', () => regard.linear(x, [1, 2, 3])],
  [/^ShapeError: linear: /, () => regard.linear(x, [[1, 2]])],
  [/^ShapeError: layer_norm: gamma is \(2\), expected \(3\)$/, () => regard.layerNorm(x, [1, 1])],
  [/^ValueError: dropout: p is 1/, () => regard.dropout(x, 1)],
  ['ShapeError: crossEntropy: targets is (1), expected (2)', () => regard.crossEntropy(x, [0])],
  [/^ValueError: cross_entropy: id 7 /, () => regard.crossEntropy(x, [7, 0])],
  ['ShapeError: mse: target is (3), expected (2, 3)', () => regard.mse(x, [1, 2, 3])],
];

describe('operations refuse', () => {
  test.each(refused)('%s', async (sentence, action) => {
    const before = regard.memory().tensors;
    const said = await failure(() => regard.scope(() => void action()));
    if (typeof sentence === 'string') expect(said).toBe(sentence);
    else expect(said).toMatch(sentence);
    expect(regard.memory().tensors).toBe(before);
  });

  test('tensors that are gone, or another engine has', async () => {
    const gone = regard.tensor([1]);
    gone.dispose();
    expect(await failure(() => gone.add(1))).toBe('DisposedError: tensor: it was disposed of');
    expect(await failure(() => x.add(gone))).toBe('DisposedError: tensor: it was disposed of');
    const other = await startLab();
    const foreign = other.tensor([1]);
    expect(await failure(() => x.add(foreign))).toBe('ValueError: add: y: of another engine');
    other.dispose();
    expect(await failure(() => foreign.add(1))).toBe(
      'DisposedError: regard: the engine was disposed of',
    );
  });
});

// Every name of bindings/embind that takes tensors alone.
const names = [
  ...['neg', 'abs', 'exp', 'log', 'sqrt', 'tanh', 'sigmoid', 'relu', 'gelu', 'silu', 'pow'],
  ...['add', 'sub', 'mul', 'div', 'maximum', 'equal', 'less', 'where', 'maskedFill', 'tril'],
  ...['sum', 'mean', 'max', 'variance', 'softmax', 'logSoftmax', 'cumulativeSum', 'argmax'],
  ...['reshape', 'expand', 'permute', 'transpose', 'slice', 'diagonal', 'concatenate', 'stack'],
  ...['indexSelect', 'takeAlongAxis', 'oneHot', 'matmul', 'linear', 'einsum', 'embedding'],
  ...['layerNorm', 'dropout', 'crossEntropy', 'mse', 'full', 'arange', 'eye', 'attention', 'adam'],
];
const options = [
  ...['axis', 'keep', 'shape', 'order', 'first', 'second', 'start', 'stop', 'exponent', 'value'],
  ...['p', 'seed', 'equation', 'classes', 'diagonal', 'size', 'causal', 'window', 'heads', 'scale'],
];

const numbers = fc.oneof(
  fc.integer({ min: -3, max: 4 }),
  fc.constantFrom(0.5, NaN, Infinity, -1e9),
);
const small = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
const tensor = fc
  .tuple(small, fc.array(numbers, { minLength: 1, maxLength: 5 }))
  .map(([shape, values]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length: count }, (_, i) => values[i % values.length]!);
    return { shape, data };
  });
const value = fc.oneof(
  numbers,
  fc.array(numbers, { maxLength: 4 }),
  fc.boolean(),
  fc.constantFrom('ij,jk->ik', '...', 'torch', '', null, {}),
);

test('whatever an operation is handed, it answers or says why not', () => {
  const { core } = regard as unknown as { core: EngineFunctions['core'] };
  const before = regard.memory();
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.array(fc.option(tensor, { nil: undefined, freq: 8 }), { minLength: 1, maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...options), value, { maxKeys: 3 }),
      (name, given, asked) => {
        try {
          for (const facts of operate(core, name, Object.fromEntries(given.entries()), asked)) {
            if (facts) core.release(facts.number);
          }
        } catch (error) {
          expect((error as Error).name).toMatch(/^(Shape|Value|OutOfMemory)Error$/);
          expect((error as Error).message).toMatch(/^[\w.]+: /);
        }
      },
    ),
    { numRuns: 5000, seed: 1 },
  );
  const after = regard.memory();
  expect(after.tensors).toBe(before.tensors);
  expect(after.recorded).toBe(before.recorded);
  expect(x.sum().item()).toBe(21);
});
