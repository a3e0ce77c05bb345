// SPDX-License-Identifier: MIT
// Attention that is not plain, per operation that is really needed: what stays inside the engine, so that only
// computing counts. A hidden key needs no multiplication where whole stretches are hidden; a mask of single
// places needs all of them.
import { race } from '../race.mjs';

const plain = { B: 1, H: 8, kvHeads: 8, L: 512, S: 512, D: 64 };

/**
 * Each case: sizes other than the plain ones, the options, and the share of pairs that is needed. `beside` are
 * those that need more than multiplications, or whose edges are as long as their insides: shown, not judged.
 */
// prettier-ignore
const cases = {
  plain: {},
  causal: { options: { causal: true }, share: 513 / 1024 },
  'key lengths, half': { options: { keyLengths: [256] }, share: 1 / 2 },
  'key mask': { operands: ({ S }) => ({ keyMask: places([1, S]) }) },
  'mask by query': { operands: ({ L, S }) => ({ mask: places([L, S]) }) },
  'bias by head': { operands: ({ H, L, S }) => ({ bias: places([1, H, L, S]) }) },
  'grouped heads, 8 to 2': { kvHeads: 2 },
  'L = 100, S = 1000': { L: 100, S: 1000 },
  'L = 1000, S = 100': { L: 1000, S: 100 },
  'D = 50': { D: 50 },
  'D = 63': { D: 63 },
  'D = 70': { D: 70 },
  'D = 76': { D: 76 },
  softcap: { options: { softcap: 30 }, beside: true },
  'window of 128': { options: { causal: true, window: [127, 0] }, share: windowShare(512, 128), beside: true },
  'L = 1, S = 4096': { L: 1, S: 4096, beside: true },
};

function windowShare(n, width) {
  const pairs = Array.from({ length: n }, (_, i) => Math.min(i + 1, width));
  return pairs.reduce((a, b) => a + b) / (n * n);
}

// Ones and zeros, two thirds of them ones.
function places(shape) {
  const count = shape.reduce((a, b) => a * b);
  const hash = (i) => Math.imul(i ^ (i >>> 7), 0x9e3779b1) >>> 0;
  return { shape, data: Float32Array.from({ length: count }, (_, i) => (hash(i) % 3 ? 1 : 0)) };
}

/** [{ name, ms, gigaflops, operations, beside }], the plain case first. */
export async function measure({ lab }, { seconds, warmMs }) {
  const kept = [];
  const keep = (tensor) => kept[kept.push(tensor) - 1];
  const resident = ({ shape, data }) => keep(lab.tensor(data, shape));
  const runners = Object.entries(cases).map(([name, { options, operands, share = 1, beside = false, ...sizes }]) => {
    const all = { ...plain, ...sizes };
    const { B, H, kvHeads, L, S, D } = all;
    const [q, k, v] = [
      [B, H, L, D],
      [B, kvHeads, S, D],
      [B, kvHeads, S, D],
    ].map((shape, i) => keep(lab.randn(shape, { seed: i + 1 })));
    const tensors = Object.entries(operands?.(all) ?? {}).map(([key, data]) => [key, resident(data)]);
    const given = { ...options, ...Object.fromEntries(tensors) };
    const run = () => lab.noGrad(() => lab.attention(q, k, v, given).output.dispose());
    return { name, run, beside, operations: 4 * B * H * L * S * D * share };
  }); // prettier-ignore
  const timed = await race(runners, { seconds: 3 * seconds, warmMs: warmMs / 2 });
  for (const tensor of kept) tensor.dispose();
  return timed.map(({ name, ms, error }, i) => {
    const { operations, beside } = runners[i];
    return { name, ms, gigaflops: operations / ms / 1e6, operations, beside, error };
  });
}
