// SPDX-License-Identifier: MIT
// Times several functions against each other: warmed up, then in turn, round by round, so that whatever slows
// the machine for a while slows all of them.

/** How long one turn takes at least: long against the clock's 5 µs, short against the machine's moods. */
const turnMs = 20;
const mostRounds = 15;

/**
 * Milliseconds per call of each runner, { name, run }, where run() may give a promise: the median of its
 * turns, with the least and the most. A runner that fails has `error` instead.
 *
 * @param options.seconds how long all rounds together may take; three are run in any case
 * @param options.warmMs how long each runner is warmed up at least
 */
export async function race(runners, { seconds, warmMs }) {
  const lanes = runners.map((runner) => ({ runner, turns: [], estimate: 0, error: undefined }));
  for (const lane of lanes) {
    await guarded(lane, async () => (lane.estimate = await warm(lane.runner.run, warmMs)));
  }
  const running = () => lanes.filter(({ error }) => error === undefined);
  const round = running().reduce((total, { estimate }) => total + Math.max(turnMs, estimate), 0);
  const rounds = Math.min(mostRounds, Math.max(3, Math.floor((seconds * 1000) / round)));
  for (let i = 0; i < rounds; ++i) {
    for (const lane of running()) {
      await guarded(lane, async () => {
        const calls = Math.max(1, Math.round(turnMs / lane.estimate));
        lane.turns.push(await timed(lane.runner.run, calls));
      });
    }
  }
  return lanes.map(({ runner, turns, error }) => {
    if (error !== undefined) return { name: runner.name, error };
    const sorted = turns.sort((a, b) => a - b);
    return { name: runner.name, ms: median(sorted), least: sorted[0], most: sorted.at(-1), rounds };
  });
}

export function median(sorted) {
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Calls `run` until V8's optimizing tier has its code: it is compiled beside the running code and replaces it
 * all at once, so that the time per call falls and stays. Done when, after warmMs, a third of that brings no
 * gain of 2 % any more. Returns milliseconds per call.
 */
async function warm(run, warmMs) {
  const begin = performance.now();
  let estimate = await timed(run, 1);
  let best = Infinity;
  for (;;) {
    const window = [];
    const until = performance.now() + warmMs / 3;
    do {
      const calls = Math.max(1, Math.floor(warmMs / 30 / estimate));
      estimate = await timed(run, calls);
      window.push(estimate);
    } while (performance.now() < until);
    const least = Math.min(...window);
    const warmed = performance.now() - begin;
    if ((warmed >= warmMs && least > 0.98 * best) || warmed > 5 * warmMs) return least;
    best = Math.min(best, least);
  }
}

/** Milliseconds per call. */
async function timed(run, calls) {
  const begin = performance.now();
  for (let i = 0; i < calls; ++i) {
    const result = run();
    if (result instanceof Promise) await result;
  }
  return Math.max((performance.now() - begin) / calls, 1e-6);
}

async function guarded(lane, work) {
  try {
    await work();
  } catch (error) {
    lane.error = String(error?.message ?? error).slice(0, 200);
  }
}
