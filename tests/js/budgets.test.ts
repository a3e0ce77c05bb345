// SPDX-License-Identifier: MIT
// What calls cost whatever the machine's mood: how often they cross the border into wasm, and how many bytes the
// engine takes for them. A budget is what a call takes today and a little more; one that took twice as much
// would fail.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLab } from './engine.js';
import type { Lab, TensorData } from '../../bindings/js/index.node.js';

let lab: Lab;
let calls = 0;
const instantiate = WebAssembly.instantiate.bind(WebAssembly);

// Every function that JavaScript can reach of an instance counts: those that are exported, and those that
// Embind finds in the table.
function counted<Body>(body: Body): Body {
  if (typeof body !== 'function') return body;
  return new Proxy(body, {
    apply(target, self, values: unknown[]) {
      ++calls;
      return Reflect.apply(target, self, values) as unknown;
    },
  });
}

function countedTable(table: WebAssembly.Table): Pick<WebAssembly.Table, 'get' | 'length'> {
  const found = new Map<number, unknown>();
  const get = (place: number): unknown => {
    const known = found.get(place) ?? counted(table.get(place) as unknown);
    found.set(place, known);
    return known;
  };
  return { get, length: table.length };
}

beforeAll(async () => {
  WebAssembly.instantiate = (async (code: WebAssembly.Module, imports: WebAssembly.Imports) => {
    const { exports } = await instantiate(code, imports);
    const entries = Object.entries(exports).map(([name, value]) => [
      name,
      value instanceof WebAssembly.Table ? countedTable(value) : counted(value),
    ]);
    return { exports: Object.fromEntries(entries) as WebAssembly.Exports };
  }) as typeof WebAssembly.instantiate;
  lab = await startLab();
});

afterAll(() => {
  WebAssembly.instantiate = instantiate;
  lab.dispose();
});

// How often a call that has been made before crosses the border: at least once, or nothing was counted.
function expectCrossings(call: () => unknown, budget: number): void {
  call();
  calls = 0;
  call();
  expect(calls).toBeGreaterThan(0);
  expect(calls).toBeLessThanOrEqual(budget);
}

// Bytes that the engine takes at once for a call, its operands and what it gives included.
function expectBytes(call: () => unknown, budget: number): void {
  const taken = () => lab.memory().used + lab.memory().idle;
  const before = taken();
  call();
  const bytes = taken() - before;
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(budget);
}

function rows(shape: readonly number[]): TensorData {
  const count = shape.reduce((a, b) => a * b);
  return { shape, data: Float32Array.from({ length: count }, (_, i) => Math.sin(i)) };
}

// Three operands come in, one result goes out: each is made or found, written or read, and released.
test('attention of arrays crosses the border 12 times', () => {
  const [q, k, v] = [1, 2, 3].map(() => rows([1, 8, 16, 64]));
  expectCrossings(() => {
    const { output } = lab.attention(q!, k!, v!);
    expect(output.data).toHaveLength(8 * 16 * 64);
    output.dispose();
  }, 12);
});

test('operations on tensors cross it twice: to run, and to release what they gave', () => {
  const [q, k, v] = [1, 2, 3].map((seed) => lab.randn([1, 8, 16, 64], { seed }));
  const [x, y] = [4, 5].map((seed) => lab.randn([16, 16], { seed }));
  expectCrossings(() => lab.attention(q!, k!, v!).output.dispose(), 2);
  expectCrossings(() => lab.attention(q!, k!, v!, { causal: true }).output.dispose(), 2);
  expectCrossings(() => x!.matmul(y!).dispose(), 2);
});

test('a layer crosses it as often as an operation', () => {
  const options = { dModel: 64, nhead: 4, dimFeedforward: 128 };
  const layer = lab.layer('TransformerEncoderLayer', options);
  const src = lab.randn([1, 8, 64]);
  expectCrossings(() => lab.noGrad(() => layer.forward({ src }).output.dispose()), 2);
});

// The copies of the operands, the result, and blocks that do not grow with n²: all weights would be 32 MiB.
test('attention takes less than five times its result, three of them for operands', () => {
  const q = rows([1, 8, 1024, 64]);
  expectBytes(() => lab.attention(q, q, q).output.dispose(), 4.7 * q.data.byteLength);
});

// What a search takes is given back, and the next one takes the same again.
test('a translation crosses the border a dozen times for each piece, and a second one takes nothing', async () => {
  const translator = await lab.translator('en-zh');
  const translate = () => translator.translate('Tom chases Jerry.', { beams: 4 });
  const { target } = await translate();
  const taken = () => lab.memory().used + lab.memory().idle;
  const before = taken();
  calls = 0;
  await translate();
  expect(calls).toBeGreaterThan(target.pieces.length);
  expect(calls).toBeLessThanOrEqual(13 * target.pieces.length);
  expect(taken()).toBe(before);
  translator.dispose();
});
