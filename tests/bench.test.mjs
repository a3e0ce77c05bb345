// SPDX-License-Identifier: MIT
// What `npm run bench` measures with, so that it still works when somebody measures: nothing is timed here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onnxruntime } from './bench/contenders/onnxruntime.mjs';
import { measures } from './bench/measures.mjs';
import { floatPeaks, peak, peakNames } from './bench/peak.mjs';
import { race } from './bench/race.mjs';
import { distance, expectedRows, tolerance } from './bench/reference.mjs';
import { rows } from './bench/rows.mjs';
import { raceTable } from './bench/table.mjs';
import { tfliteModel } from './bench/tflite.mjs';
import { shortList, withData, workloads } from './bench/workloads.mjs';

const workload = (id) => withData(workloads.find((one) => one.id === id));

test('workloads are what they say, and the same each time', () => {
  assert.equal(new Set(workloads.map(({ id }) => id)).size, workloads.length);
  assert.deepEqual(
    shortList.filter((id) => !workloads.some((one) => one.id === id)),
    [],
  );
  const { q, operations } = workload('W1 n=16');
  assert.equal(q.length, 8 * 16 * 64);
  assert.equal(operations, 2 * 2 * 8 * 16 * 16 * 64);
  assert.deepEqual(q, workload('W1 n=16').q);
});

// What another library computes is the truth's witness, and the model's; a wrong result must be seen.
test('onnxruntime-web computes each kind of workload as the reference has it', async () => {
  const { variants, prepare } = await onnxruntime({ engine: 'node' });
  for (const id of ['W1 n=16', 'W3 n=16', 'W4 n=8', 'W5']) {
    const w = workload(id);
    const expected = expectedRows(w);
    for (const variant of variants(w)) {
      const { run, release, arranged = (data) => data } = await prepare(w, variant);
      const result = arranged(await run()).slice();
      assert.ok(distance(w, expected, result) <= tolerance, `${id} by ${variant}`);
      result[0] += 0.01;
      assert.ok(distance(w, expected, result) > tolerance, `${id} by ${variant}, planted`);
      await release();
    }
  }
  assert.equal(distance(workload('W4 n=8'), [], new Float32Array(3)), Infinity);
});

test('models for LiteRT.js are complete', () => {
  for (const id of ['W1 n=16', 'W3 n=16', 'W4 n=8', 'W5']) {
    const bytes = tfliteModel(workload(id));
    assert.equal(Buffer.from(bytes.subarray(4, 8)).toString(), 'TFL3');
  }
});

// x ← x·c + c from a bit pattern of a number near zero, chains times: what float arithmetic gives.
test('the loops that measure the peak compute what they say', () => {
  const [one] = floatPeaks;
  const { run, operations } = peak(one, 2, 3);
  assert.equal(operations, 8 * 2 * 3);
  const bits = (value) => new Int32Array(Float32Array.of(value).buffer)[0];
  const chain = 0.75 + 0.75 * (0.75 + 0.75 * 0.75);
  assert.equal(run(), (2 * bits(chain)) | 0);
  const known = peakNames.filter((name) => peak(name, 1, 1));
  assert.ok(known.includes('i16 dot + add'));
});

test('a race goes on without those that fail', async () => {
  const runners = [
    { name: 'works', run: () => undefined },
    { name: 'promises', run: async () => undefined },
    { name: 'fails', run: () => Promise.reject(new Error('planted')) },
  ];
  const found = await race(runners, { seconds: 0.01, warmMs: 1 });
  assert.deepEqual(
    found.map(({ name, error }) => [name, error]),
    [
      ['works', undefined],
      ['promises', undefined],
      ['fails', 'planted'],
    ],
  );
  assert.ok(found[0].ms > 0 && found[0].least <= found[0].ms && found[0].ms <= found[0].most);
});

test('rows are judged by their worst workload', () => {
  const one = (id, ours, theirs) => ({
    id,
    operations: 64e6,
    peaks: [{ name: floatPeaks[0], gigaflops: 64 }],
    results: [
      { name: 'regard', ms: ours },
      { name: 'LiteRT.js', ms: theirs },
    ],
  });
  const judge = (...races) =>
    Object.fromEntries(rows({ chromium: races }).map(({ work, ...row }) => [work, row]));
  const peak = 'W1 n ≥ 512, f32, one thread, Chromium';
  const good = judge(one('W1 n=512', 1.1, 2), one('W1 n=1024', 1.15, 2));
  assert.deepEqual([good[peak].met, good[peak].measured], [true, '87.0 %, W1 n=1024']);
  assert.ok(good['every size of W1 to W4, Chromium'].met);
  const bad = judge(one('W1 n=512', 1.1, 1), one('W1 n=1024', 1.2, 2));
  assert.equal(bad[peak].met, false);
  assert.match(bad['every size of W1 to W4, Chromium'].measured, /^0\.91x, W1 n=512/);
  // what was not run is not met
  assert.equal(bad['W5, Chromium'].met, false);
  assert.match(raceTable([one('W1 n=512', 1.1, 2)]), /W1 n=512 \| 1\.10 ms .* 91 % .* 1\.82x/);
});

test('every part can be named', () => {
  assert.ok(Object.values(measures).every((measure) => typeof measure === 'function'));
});
