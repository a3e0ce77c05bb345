// SPDX-License-Identifier: MIT
// Models whose matrices are whole numbers of 8 bits: from their own file and from floats, in less memory.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ModelFiles, Regard } from '../../bindings/js/index.node.js';
import { load } from '../../bindings/js/index.node.js';
import type { EngineFunctions } from '../../bindings/js/functions.js';
import { operate } from '../../bindings/js/operate.js';
import { build, failure, start, startLab } from './engine.js';
import { marianFiles } from './marian.js';

const name = 'model.int8.safetensors';
const { fround } = Math;

interface Entry {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

// A file of tensors taken apart, by the format's description.
function taken(file: Uint8Array): Map<string, Entry> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const length = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  delete header['__metadata__'];
  return new Map(
    Object.entries(header).map(
      ([
        key,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        return [key, { dtype, shape, bytes: file.slice(8 + length + begin, 8 + length + end) }];
      },
    ),
  );
}

function put(entries: Map<string, Entry>, metadata: object): Uint8Array {
  let position = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const [key, { dtype, shape, bytes }] of entries) {
    header[key] = { dtype, shape, data_offsets: [position, (position += bytes.length)] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const size = new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer);
  return Uint8Array.from(
    [size, text, ...Array.from(entries.values(), ({ bytes }) => bytes)].flatMap((part) => [
      ...part,
    ]),
  );
}

function floatsOf({ dtype, bytes }: Entry): number[] {
  if (dtype === 'F32') return [...new Float32Array(bytes.buffer)];
  return Array.from(new Uint16Array(bytes.buffer), (half) => {
    const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
    const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
    return half & 0x8000 ? -size : size;
  });
}

function even(x: number): number {
  const near = Math.round(x);
  return Math.abs(x % 1) === 0.5 && near % 2 ? near - 1 : near;
}

// What the format says, once more: each row by its largest number.
function quantized(
  file: Uint8Array,
  change: (entries: Map<string, Entry>) => void = () => undefined,
  metadata: object = { quantization: 'int8' },
): Uint8Array {
  const entries = new Map<string, Entry>();
  for (const [key, entry] of taken(file)) {
    const [rows, columns] = entry.shape as [number, number];
    if (entry.shape.length !== 2 || key === 'final_logits_bias') {
      entries.set(key, entry);
      continue;
    }
    const floats = floatsOf(entry);
    const scales = new Float32Array(rows);
    const numbers = new Int8Array(rows * columns);
    for (let n = 0; n < rows; ++n) {
      const row = floats.slice(n * columns, (n + 1) * columns);
      scales[n] = fround(Math.max(...row.map(Math.abs)) / 127);
      const inverse = fround(1 / scales[n]!);
      row.forEach((value, k) => {
        numbers[n * columns + k] = scales[n] ? even(fround(value * inverse)) : 0;
      });
    }
    entries.set(key, { dtype: 'I8', shape: entry.shape, bytes: new Uint8Array(numbers.buffer) });
    entries.set(`${key}_scale`, {
      dtype: 'F32',
      shape: [rows, 1],
      bytes: new Uint8Array(scales.buffer),
    });
  }
  change(entries);
  return put(entries, metadata);
}

function int8Files(
  ...how: Parameters<typeof quantized> extends [unknown, ...infer Rest] ? Rest : never
): ModelFiles {
  const { 'model.safetensors': floats, ...files } = marianFiles();
  return { ...files, [name]: quantized(floats as Uint8Array, ...how) };
}

let regard: Regard;
beforeAll(async () => {
  regard = await start();
});
afterAll(() => regard.dispose());

const text = 'the quick brown fox';

describe('a model in int8', () => {
  test('is the same from its file and from floats', async () => {
    const one = await regard.translator(int8Files(), { precision: 'int8' });
    const other = await regard.translator(marianFiles(), { precision: 'int8' });
    const floats = await regard.translator(marianFiles());
    const asked = { target: text, attention: true };
    const found = await one.translate(text, asked);
    const same = await other.translate(text, asked);
    const exact = await floats.translate(text, asked);
    expect(same.score).toBe(found.score);
    expect(same.attention!.cross.data).toEqual(found.attention!.cross.data);
    expect(exact.score).not.toBe(found.score);
    // 127 steps a number: a hundredth or so of each product, and of the score that they give
    expect(Math.abs(exact.score / found.score - 1)).toBeLessThan(0.05);
    for (const translator of [one, other, floats]) translator.dispose();
  });

  // A byte for a float and for its packed copy, and what both have: texts, vocabularies, positions.
  test('takes less than a quarter of the memory', async () => {
    const used = async (precision: 'f32' | 'int8'): Promise<number> => {
      const before = regard.memory().used;
      const translator = await regard.translator('en-zh', { precision });
      const { text: translation } = await translator.translate('He is running.');
      expect(translation).toMatch(/\p{Script=Han}/u);
      const after = regard.memory().used;
      translator.dispose();
      return after - before;
    };
    expect(await used('int8')).toBeLessThan((await used('f32')) / 4);
  });

  test('is asked for in a Worker likewise', async () => {
    const worker = await load({ build, worker: true });
    const there = await worker.translator(int8Files(), { precision: 'int8' });
    const here = await regard.translator(int8Files(), { precision: 'int8' });
    const asked = { target: text };
    expect((await there.translate(text, asked)).score).toBe(
      (await here.translate(text, asked)).score,
    );
    here.dispose();
    worker.dispose();
  });

  test('traces and tells of influence', async () => {
    const translator = await regard.translator(int8Files(), { precision: 'int8' });
    const trace = await translator.trace(text, { target: text });
    expect(trace.step('cross', 0, 'weights').data.every(Number.isFinite)).toBe(true);
    const { influence } = await translator.influence(text, { target: text });
    expect(influence.every(Number.isFinite)).toBe(true);
    translator.dispose();
  });

  const scale = 'model.shared.weight_scale';
  const refused: [string, () => ModelFiles][] = [
    [`tensor "${scale}" is missing`, () => int8Files((all) => all.delete(scale))],
    [
      `tensor "${scale}" is (1), expected `,
      () =>
        int8Files((all) => all.set(scale, { dtype: 'F32', shape: [1], bytes: new Uint8Array(4) })),
    ],
    [
      'tensor "model.shared.weight" is U8, expected I8',
      () => int8Files((all) => (all.get('model.shared.weight')!.dtype = 'U8')),
    ],
    [
      `tensor "${scale}" holds nan, expected finite numbers from 0 on`,
      () => int8Files((all) => new Float32Array(all.get(scale)!.bytes.buffer).fill(NaN)),
    ],
    [
      '__metadata__: quantization is int4, expected int8',
      () => int8Files(undefined, { quantization: 'int4' }),
    ],
  ];
  test.each(refused)('is refused: %s', async (message, files) => {
    const found = await failure(() => regard.translator(files(), { precision: 'int8' }));
    expect(found).toContain(`FormatError: ${name}: ${message}`);
  });

  test('is asked for by name', async () => {
    expect(
      await failure(() => regard.translator(marianFiles(), { precision: 'int4' as never })),
    ).toBe("ValueError: translator: precision is 'int4', expected 'f32' or 'int8'");
    expect(await failure(() => regard.translator(int8Files()))).toBe(
      'FormatError: model: model.safetensors is missing',
    );
  });
});

// As plain_numbers() of matmul_int8_test.cpp.
function plainNumbers(count: number, seed: number): number[] {
  return Array.from({ length: count }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return (seed >> 8) / 2 ** 23;
  });
}

test('a product in int8 has the bits that it has natively', async () => {
  const lab = await startLab();
  const [M, N, K] = [7, 45, 83];
  const operands = {
    x: lab.tensor(plainNumbers(M * K, 1), [M, K]),
    weight: lab.tensor(plainNumbers(N * K, 2), [N, K]),
    bias: lab.tensor(plainNumbers(N, 3), [N]),
  };
  const { core } = lab as unknown as { core: EngineFunctions['core'] };
  const [product] = operate(core, 'int8Linear', operands);
  let hash = 2166136261;
  for (const bits of new Uint32Array(core.values(product!.number, M * N).buffer)) {
    hash = Math.imul(hash ^ bits, 16777619) >>> 0;
  }
  expect(hash).toBe(3041570429);
  lab.dispose();
});
