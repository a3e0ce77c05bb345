// SPDX-License-Identifier: MIT
// What gradients cost: backward alone, as what forward and backward take together beyond the forward pass.
import { race } from '../race.mjs';

const attentionCases = [
  { name: 'attention n=128, weights kept', n: 128, kept: true },
  { name: 'attention n=512, weights kept', n: 512, kept: true },
  { name: 'attention n=512, tiled', n: 512, kept: false },
  { name: 'attention n=2048, tiled', n: 2048, kept: false },
];
const layerCases = [
  { name: 'encoder layer n=64, weights kept', n: 64, kept: true },
  { name: 'encoder layer n=256, weights kept', n: 256, kept: true },
];

/** [{ name, kept, forward, both }] in milliseconds. */
export async function measure({ lab }, { seconds, warmMs }) {
  const found = [];
  for (const { name, kept, ...sizes } of attentionCases) {
    found.push(await compare(name, kept, attention(lab, sizes.n, kept)));
  }
  for (const { name, kept, n } of layerCases) {
    found.push(await compare(name, kept, layer(lab, n)));
  }
  return found;

  // `pass` gives an output to differentiate and what to free.
  async function compare(name, kept, { pass, release }) {
    const shape = lab.scope(() => pass().shape);
    const weights = lab.randn(shape, { seed: 9 });
    const both = () => lab.scope(() => pass().mul(weights).sum().backward());
    const forward = () => lab.scope(() => void pass().mul(weights).sum());
    const runners = [
      { name: 'forward', run: forward },
      { name: 'both', run: both },
    ];
    const [first, second] = await race(runners, { seconds, warmMs });
    weights.dispose();
    release();
    return { name, kept, forward: first.ms, both: second.ms, error: first.error ?? second.error };
  }
}

function attention(lab, n, kept) {
  const [H, D] = [8, 64];
  const operands = [1, 2, 3].map((seed) => {
    const values = lab.randn([1, H, n, D], { seed });
    const parameter = lab.parameter(values.data, [1, H, n, D]);
    values.dispose();
    return parameter;
  });
  const options = { form: kept ? 'readable' : 'tiled' };
  return {
    pass: () => lab.attention(...operands, options).output,
    release: () => operands.forEach((tensor) => tensor.dispose()),
  };
}

function layer(lab, n) {
  const [M, H, F] = [256, 4, 1024];
  const options = { dModel: M, nhead: H, dimFeedforward: F, dropout: 0 };
  const made = lab.layer('TransformerEncoderLayer', options);
  const values = lab.randn([1, n, M], { seed: 4 });
  const x = lab.parameter(values.data, [1, n, M]); // inside of a model, the input has a gradient too
  values.dispose();
  return {
    pass: () => made.forward({ src: x }).output,
    release() {
      made.dispose();
      x.dispose();
    },
  };
}
