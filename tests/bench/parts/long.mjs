// SPDX-License-Identifier: MIT
// Attention of 16,384 places, whose weights would take 8 GiB: how long, how much memory beyond the operands
// and the result, and whether it is right.
import { distance, expectedRows, tolerance } from '../reference.mjs';

export async function measure({ load, build, threads }) {
  const lab = await load({ lab: true, build, threads });
  const w = { kind: 'attention', n: 16384, H: 8, D: 64 };
  const shape = [1, w.H, w.n, w.D];
  for (const [i, name] of ['q', 'k', 'v'].entries()) {
    w[name] = lab.scope(() => lab.randn([(w.n * w.H * w.D) >> 8, 256], { seed: i }).data);
  }
  lab.dispose();

  const fresh = await load({ lab: true, build, threads });
  const before = fresh.memory().heap;
  const operands = ['q', 'k', 'v'].map((name) => ({ shape, data: w[name] }));
  const begin = performance.now();
  const { output } = fresh.attention(...operands);
  const { data } = output;
  const ms = performance.now() - begin;
  const { heap, used, idle } = fresh.memory();
  output.dispose();
  fresh.dispose();
  const outside = 4 * 4 * w.H * w.n * w.D;
  const off = distance(w, expectedRows(w), data);
  return { ms, before, heap, used, idle, beyond: heap - outside, off, wrong: !(off <= tolerance) };
}
