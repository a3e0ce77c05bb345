// SPDX-License-Identifier: MIT
// Learning curves: what is read of a log, and that lines and numbers stand where they belong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawCurves, readLog } from '../tools/curves.mjs';

const log = [
  { step: 0, seconds: 0, pairs: 40 },
  { step: 10, seconds: 5, loss: 8, rate: 1e-4 },
  { step: 20, seconds: 10, loss: 4, rate: 2e-4 },
  { step: 20, seconds: 11, dev_loss: 4.5, bleu: 5, chrf: 6 },
  { step: 40, seconds: 21, loss: 2, rate: 2e-4 },
  { step: 40, seconds: 22, dev_loss: 3, bleu: 20, chrf: 15 },
]
  .map((line) => JSON.stringify(line))
  .join('\n');

const pointsOf = (svg, name) =>
  [...svg.matchAll(new RegExp(`class="${name}" points="([^"]+)"`, 'g'))].map(([, points]) =>
    points.split(' ').map((point) => point.split(',').map(Number)),
  );

test('a log is read as far as it goes', () => {
  const curves = readLog(`${log}\n{"step":50,"sec`);
  assert.deepEqual(
    curves.loss.map(({ step, value }) => [step, value]),
    [
      [10, 8],
      [20, 4],
      [40, 2],
    ],
  );
  assert.deepEqual(curves.bleu, [
    { step: 20, seconds: 11, value: 5 },
    { step: 40, seconds: 22, value: 20 },
  ]);
  assert.deepEqual(readLog('no log\n{}\n[1]\nnull').loss, []);
});

test('each curve is drawn over steps and over time, where its numbers say', () => {
  const svg = drawCurves([{ name: 'one', curves: readLog(log) }]);
  for (const name of ['loss', 'dev_loss', 'bleu', 'chrf']) {
    assert.equal(pointsOf(svg, name).length, 2, name);
  }
  const [steps, seconds] = pointsOf(svg, 'loss');
  // step 20 lies halfway to the last, 40, and so does second 11 of 22
  const end = pointsOf(svg, 'dev_loss')[0].at(-1)[0];
  assert.equal(steps[2][0], end);
  assert.ok(Math.abs(steps[1][0] - end / 2) <= 0.1);
  assert.ok(Math.abs(seconds[1][0] - (end * 10) / 22) <= 0.1);
  // the loss is drawn on a logarithmic scale, higher values further up
  assert.ok(Math.abs(steps[0][1] + steps[2][1] - 2 * steps[1][1]) <= 0.2);
  assert.ok(steps[0][1] < steps[2][1]);
  // scores share a linear scale from 0
  const [bleu] = pointsOf(svg, 'bleu');
  const [chrf] = pointsOf(svg, 'chrf');
  const zero = (bleu[0][1] * 20 - bleu[1][1] * 5) / 15;
  assert.ok(Math.abs((zero - chrf[1][1]) / (zero - bleu[1][1]) - 15 / 20) < 0.01);
});

test('axes have units, and the legend names runs and lines', () => {
  const curves = readLog(log);
  const svg = drawCurves([
    { name: 'plain', curves },
    { name: 'a < b & "c"', curves },
  ]);
  for (const text of [
    '>step<',
    '>seconds of training<',
    '>loss, nats a token<',
    '>plain<',
    '>dev loss<',
    '>BLEU<',
    '>chrF<',
    'a &#60; b &#38; &#34;c&#34;',
  ]) {
    assert.ok(svg.includes(text), text);
  }
  assert.equal(pointsOf(svg, 'bleu').length, 4);
  const colors = new Set([...svg.matchAll(/class="bleu"[^>]* stroke="([^"]+)"/g)].map((m) => m[1]));
  assert.equal(colors.size, 2);
  const long = readLog('{"step":1,"seconds":9000,"loss":3}\n{"step":2,"seconds":18000,"loss":2}');
  const hours = drawCurves([{ name: 'night', curves: long }]);
  assert.ok(hours.includes('>hours of training<'));
  assert.ok(hours.includes('>nothing yet<'));
});

test('where there is nothing to draw, that is said', () => {
  assert.throws(() => drawCurves([{ name: 'empty', curves: readLog('') }]), /nothing to draw/);
});
