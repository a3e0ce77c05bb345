// SPDX-License-Identifier: MIT
// What runs inside an engine, a Node process or a page: contenders are set up once, and race when asked to.
import { floatPeaks, peak, peakNames } from './peak.mjs';
import { race } from './race.mjs';
import { distance, expectedRows, tolerance } from './reference.mjs';
import { withData, workloads } from './workloads.mjs';

const contenders = {
  regard: () => import('./contenders/regard.mjs').then((module) => module.regard),
  onnxruntime: () => import('./contenders/onnxruntime.mjs').then((module) => module.onnxruntime),
  litert: () => import('./contenders/litert.mjs').then((module) => module.litert),
};

let settings;
let entrants;

/** Loads the contenders; gives for each its name, what there is to say of it, or why it is missing. */
export async function start(given) {
  settings = given;
  entrants = [];
  const loaded = [];
  for (const { kind, ...more } of given.contenders) {
    try {
      const make = await contenders[kind]();
      const contender = await make({ ...given, ...more });
      entrants.push(contender);
      loaded.push({ name: contender.name, detail: contender.detail });
    } catch (error) {
      loaded.push({ name: more.name ?? kind, error: shortly(error) });
    }
  }
  return loaded;
}

/** Races all contenders on one workload: { operations, peaks, results }. */
export async function raceOn(id) {
  const { seconds, warmMs, peaks } = settings;
  const w = withData(workloads.find((workload) => workload.id === id));
  const expected = expectedRows(w);
  const ready = [];
  const results = [];
  for (const contender of entrants) {
    try {
      ready.push({ name: contender.name, ...(await qualify(contender, w, expected)) });
    } catch (error) {
      results.push({ name: contender.name, error: shortly(error) });
    }
  }
  const limits = (peaks ?? floatPeaks)
    .map((name) => ({ name, ...peak(name) }))
    .filter(({ run }) => run);
  const timed = await race([...ready, ...limits], { seconds, warmMs });
  for (const { release } of ready) await release();
  results.push(
    ...timed.slice(0, ready.length).map((result, i) => {
      const { off, variant } = ready[i];
      return { ...result, off, variant, wrong: !(off <= tolerance) };
    }),
  );
  const limit = ({ ms }, i) => ({
    name: limits[i].name,
    gigaflops: limits[i].operations / ms / 1e6,
  });
  return { id, operations: w.operations, peaks: timed.slice(ready.length).map(limit), results };
}

/** Runs parts/name.mjs on our library; what it gives is its own affair. */
export async function part(name) {
  const { measure } = await import(`./parts/${name}.mjs`);
  const { load } = await import(settings.entry);
  const ours = entrants.find(({ lab }) => lab);
  return measure({ ...settings, load, lab: ours?.lab }, settings);
}

/** What the processor does at most, of each kind of number: [{ name, gigaflops }]. */
export async function measurePeaks() {
  const { seconds, warmMs } = settings;
  const found = peakNames.map((name) => ({ name, ...peak(name) })).filter(({ run }) => run);
  const timed = await race(found, { seconds, warmMs });
  return timed.map(({ name, ms }, i) => ({ name, gigaflops: found[i].operations / ms / 1e6 }));
}

// The fastest of a contender's ways to say a workload, by the best of a few calls after as many to warm up,
// with the distance of its result from the truth.
async function qualify(contender, w, expected) {
  let best;
  let reason = new Error('it has no way to say this');
  for (const variant of contender.variants(w)) {
    try {
      const { run, release, arranged = (data) => data } = await contender.prepare(w, variant);
      const off = distance(w, expected, arranged(await run()));
      const ms = contender.variants(w).length > 1 ? await quickest(run) : 0;
      const found = { run, release, variant, off, ms };
      const better = !best || (off <= tolerance && ms < best.ms);
      const loser = better ? best : found;
      if (better) best = found;
      await loser?.release();
    } catch (error) {
      reason = error;
    }
  }
  if (!best) throw reason;
  return best;
}

async function quickest(run) {
  let least = Infinity;
  const until = performance.now() + settings.warmMs;
  for (let i = 0; i < 2 || (performance.now() < until && i < 200); ++i) {
    const begin = performance.now();
    await run();
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}

function shortly(error) {
  return String(error?.message ?? error)
    .split('\n')[0]
    .slice(0, 160);
}
