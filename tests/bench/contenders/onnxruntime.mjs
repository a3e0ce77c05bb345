// SPDX-License-Identifier: MIT
// onnxruntime-web on its WebAssembly provider, with every graph that says the workload; the race keeps the
// fastest.
import { onnxModel, onnxShape, onnxVariants } from '../onnx.mjs';

/** @param env.peers where node_modules is served, in a browser */
export async function onnxruntime({ engine, peers, threads = 1 }) {
  const ort = await import('onnxruntime-web');
  ort.env.wasm.numThreads = threads;
  if (engine === 'chromium') ort.env.wasm.wasmPaths = `${peers}onnxruntime-web/dist/`;
  return {
    name: 'onnxruntime-web',
    variants: (w) => onnxVariants[w.kind],
    prepare: (w, variant) => prepare(ort, w, variant),
  };
}

async function prepare(ort, w, variant) {
  const session = await ort.InferenceSession.create(onnxModel(w, variant), {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3, // errors
    // an arena would keep the scores of each size for ever
    enableCpuMemArena: w.n < 2048,
  });
  const inputs = inputsOf(w, variant);
  const tensor = (data, shape) => new ort.Tensor('float32', data, shape);
  return {
    async run() {
      const feeds = {};
      for (const [name, data, shape] of inputs) feeds[name] = tensor(data, shape);
      const { output } = await session.run(feeds);
      return output.data;
    },
    release: () => session.release(),
    // for attention with heads inside of rows
    arranged: variant === 'MultiHeadAttention' && w.kind === 'attention' ? byHead(w) : undefined,
  };
}

function inputsOf(w, variant) {
  if (w.kind === 'attention') {
    const shape = onnxShape(w, variant);
    const arranged = shape.length === 3 && shape[0] === 1 ? byRow(w) : (data) => data;
    return ['q', 'k', 'v'].map((name) => [name, arranged(w[name]), shape]);
  }
  const x = ['x', w.x, [w.n, w.M]];
  if (w.kind !== 'decoding') return [x];
  const shape = [1, w.H, w.past, w.D];
  const caches = w.blocks.flatMap(({ keys, values }, i) => [
    [`key${i}`, keys, shape],
    [`value${i}`, values, shape],
  ]);
  return [x, ...caches];
}

// (H, n, D) to (n, H·D), and back.
const byRow =
  ({ H, n, D }) =>
  (data) =>
    exchanged(data, H, n, D);
const byHead =
  ({ H, n, D }) =>
  (data) =>
    exchanged(data, n, H, D);

function exchanged(data, outer, inner, width) {
  const result = new Float32Array(data.length);
  for (let i = 0; i < outer; ++i) {
    for (let j = 0; j < inner; ++j) {
      const from = (i * inner + j) * width;
      result.set(data.subarray(from, from + width), (j * outer + i) * width);
    }
  }
  return result;
}
