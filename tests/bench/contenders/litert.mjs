// SPDX-License-Identifier: MIT
// LiteRT.js on its CPU, which is XNNPACK. Its loader wants a document: browsers only.
export async function litert({ engine, peers, threads = 1 }) {
  if (engine !== 'chromium') throw new Error('LiteRT.js loads in browsers only');
  const { Tensor, loadAndCompile, loadLiteRt } = await import('@litertjs/core');
  const { tfliteModel } = await import('../tflite.mjs');
  await loadLiteRt(`${peers}@litertjs/core/wasm/`, { threads: threads > 1 });

  async function prepare(w) {
    const cpuOptions = { numThreads: threads };
    const model = await loadAndCompile(tfliteModel(w), { accelerator: 'wasm', cpuOptions });
    const operands =
      w.kind === 'attention'
        ? [w.q, w.k, w.v].map((data) => [data, [1, w.H, w.n, w.D]])
        : [[w.x, [w.n, w.M]]];
    // the caches stay in its memory
    const shape = [1, w.H, w.past, w.D];
    const caches = (w.blocks ?? []).flatMap(({ keys, values }) =>
      [keys, values].map((data) => new Tensor(data, shape)),
    );
    return {
      async run() {
        const inputs = operands.map(([data, sizes]) => new Tensor(data, sizes));
        const outputs = await model.run([...inputs, ...caches]);
        const result = outputs[0].toTypedArray().slice();
        for (const tensor of [...inputs, ...outputs]) tensor.delete();
        return result;
      },
      release() {
        for (const tensor of caches) tensor.delete();
        model.delete();
      },
    };
  }
  return { name: 'LiteRT.js', variants: () => ['XNNPACK'], prepare };
}
