// SPDX-License-Identifier: MIT
// The lines of the README that give what another library gives, as they stand there.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Attention, Lab } from '../../bindings/js/index.node.js';
import { startLab } from './engine.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.dispose());

const text = readFileSync('README.md', 'utf8');
const lines = text.match(/(?<=^(?:const \{ output \} = )?)regard\.attention\(.*\)(?=;$)/gm) ?? [];

test('there are lines for every library', () => {
  const named = lines.map((line) => /convention: '([\w-]+)'/.exec(line)?.[1]);
  expect(new Set(named)).toEqual(
    new Set(['torch', 'keras', 'keras-attention', 'jax', 'onnx', 'd2l']),
  );
});

test.each(lines)('%s', (line) => {
  lab.scope(() => {
    const onnx = line.includes('heads: 8');
    // Four heads and four places, so that both layouts fit; ONNX splits 8 heads of 2, and has a past.
    const q = lab.randn(onnx ? [2, 4, 16] : [2, 4, 4, 3], { seed: 1 });
    const k = onnx ? lab.randn([2, 4, 4], { seed: 2 }) : q;
    const past = lab.randn([2, 2, 2, 2], { seed: 3 });
    const given = {
      regard: lab,
      q,
      k,
      v: k,
      mask: line.includes('keyMask') ? lab.ones([2, 4]) : lab.ones([1, 1, 4, onnx ? 6 : 4]),
      pastKey: past,
      pastValue: past,
      validLens: [4, 2],
    };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the line as it is printed
    const run = new Function(...Object.keys(given), `return ${line}`) as (
      ...values: unknown[]
    ) => Attention;
    const { output } = run(...Object.values(given));
    expect(output.shape).toEqual(q.shape);
    expect([...output.data].every(Number.isFinite)).toBe(true);
  });
});
