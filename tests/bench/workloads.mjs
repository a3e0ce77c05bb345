// SPDX-License-Identifier: MIT
// What is measured: W1 attention alone, W2 and W4 a multi-head layer, W3 an encoder layer, W5 one step of a
// decoder with cached keys. Batch 1, fp32, made of numbers that are the same everywhere.

/** The workloads by name, with their sizes in the project's letters and the operations that they need. */
export const workloads = [
  ...[16, 64, 128, 512, 1024, 2048, 4096].map((n) => attention(n)),
  ...[16, 64, 128, 256, 512, 2048].map((n) => layer('W2', n, { M: 512, H: 8, D: 64 })),
  ...[16, 64, 256].map((n) => encoder(n)),
  ...[8, 12, 16].map((n) => layer('W4', n, { M: 64, H: 4, D: 16 })),
  decoding(),
];

/** Those that `--short` measures. */
export const shortList = [
  ...['W1 n=16', 'W1 n=64', 'W1 n=512', 'W2 n=64', 'W2 n=512', 'W3 n=64', 'W3 n=256'],
  ...['W4 n=8', 'W5'],
];

function attention(n) {
  const [H, D] = [8, 64];
  return { id: `W1 n=${n}`, kind: 'attention', n, H, D, operations: 4 * H * n * n * D };
}

function layer(group, n, { M, H, D }) {
  return { id: `${group} n=${n}`, kind: 'layer', n, M, H, D, operations: layerOperations(n, n, M) };
}

function encoder(n) {
  const [M, F, H, D] = [256, 1024, 4, 64];
  const operations = layerOperations(n, n, M) + 4 * n * M * F;
  return { id: `W3 n=${n}`, kind: 'encoder', n, M, F, H, D, operations };
}

function decoding() {
  const [M, H, D, past, layers] = [256, 4, 64, 64, 6];
  const operations = layers * layerOperations(1, past + 1, M);
  return { id: 'W5', kind: 'decoding', n: 1, M, H, D, past, layers, operations };
}

// Four projections, and scores and contexts: a multiplication and an addition each.
function layerOperations(n, keys, M) {
  return 8 * n * M * M + 4 * n * keys * M;
}

/** A workload with its numbers. Weights are (out, in), as PyTorch keeps them. */
export function withData(workload) {
  const { kind, n, H, D, M, F, past, layers } = workload;
  const numbers = source(workload.id);
  if (kind === 'attention') {
    const size = H * n * D;
    return { ...workload, q: numbers(size, 2), k: numbers(size, 2), v: numbers(size, 1) };
  }
  const x = numbers(n * M, 1);
  const projections = () =>
    Object.fromEntries(
      ['q', 'k', 'v', 'o'].map((name) => [name, linear(numbers, M, M, 1.5 / Math.sqrt(M))]),
    );
  if (kind === 'layer') return { ...workload, x, attention: projections() };
  if (kind === 'encoder') {
    const norm = () => ({ weight: numbers(M, 0.2).map((g) => g + 1), bias: numbers(M, 0.1) });
    return {
      ...workload,
      x,
      attention: projections(),
      first: linear(numbers, M, F, 1 / 16),
      second: linear(numbers, F, M, 1 / 32),
      norms: [norm(), norm()],
    };
  }
  const blocks = Array.from({ length: layers }, () => ({
    attention: projections(),
    keys: numbers(H * past * D, 1),
    values: numbers(H * past * D, 1),
  }));
  return { ...workload, x, blocks };
}

function linear(numbers, inputs, outputs, scale) {
  return { weight: numbers(inputs * outputs, scale), bias: numbers(outputs, 0.1), inputs, outputs };
}

// Uniform numbers in ±scale from a counter that is hashed (splitmix32), another sequence for each name.
function source(name) {
  let state = [...name].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), 7);
  return (count, scale) =>
    Float32Array.from({ length: count }, () => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return (((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 31 - 1) * scale;
    });
}

/** (out, in) to (in, out), as ONNX multiplies. */
export function transposed({ weight, inputs, outputs }) {
  const result = new Float32Array(weight.length);
  for (let o = 0; o < outputs; ++o) {
    for (let i = 0; i < inputs; ++i) result[i * outputs + o] = weight[o * inputs + i];
  }
  return result;
}

/** Queries, keys and values as one projection: rows of its weight one below the other. */
export function joined({ q, k, v }) {
  const weight = Float32Array.from([...q.weight, ...k.weight, ...v.weight]);
  const bias = Float32Array.from([...q.bias, ...k.bias, ...v.bias]);
  return { weight, bias, inputs: q.inputs, outputs: 3 * q.outputs };
}
