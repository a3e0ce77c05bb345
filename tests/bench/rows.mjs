// SPDX-License-Identifier: MIT
// What must be reached, row by row: the target, what was measured, and whether that is it. Parts that were not
// run have no row.
import { figure, limitOf, time } from './table.mjs';

/** @param parts what each part of a run gave, by its name */
export function rows(parts) {
  return all.flatMap(({ part, ...row }) => {
    const given = parts[part];
    return given === undefined ? [] : [{ ...row, ...judged(() => row.measure(given)) }];
  });
}

function judged(measure) {
  try {
    return measure();
  } catch (error) {
    return { measured: `not measured: ${error.message}`, met: false };
  }
}

const share = (race) => gigaflops(race, ours(race)) / limitOf(race);
const gigaflops = ({ operations }, { ms }) => operations / ms / 1e6;
const sizeOf = ({ id }) => Number(id.split('n=')[1]);
const group = (races, ...names) => races.filter(({ id }) => names.includes(id.slice(0, 2)));
const percent = (value) => `${figure(100 * value)} %`;

function ours({ id, results }, name = 'regard') {
  const found = results.find((result) => result.name === name);
  if (!found || found.error !== undefined || found.wrong) {
    throw new Error(`${id}: ${found?.error ?? 'wrong or missing'}`);
  }
  return found;
}

// How many times as long as ours the fastest of these peers takes.
function ahead(race, ...names) {
  const { results } = race;
  const peers = results.filter(
    ({ name, ms, wrong }) => ms !== undefined && !wrong && (names.length ? names.includes(name) : !/^regard/.test(name)),
  ); // prettier-ignore
  if (!peers.length) throw new Error(`${race.id}: no peer`);
  return Math.min(...peers.map(({ ms }) => ms)) / ours(race).ms;
}

// The worst of several workloads decides.
function atLeast(target, races, value, show) {
  if (!races.length) throw new Error('no workload was run');
  const found = races.map((race) => ({ id: race.id, value: value(race) }));
  const least = found.reduce((a, b) => (b.value < a.value ? b : a));
  const below = found.filter((one) => one.value < target);
  const missed = below.length > 1 ? ` (below: ${below.map(({ id }) => id).join(', ')})` : '';
  return { measured: `${show(least.value)}, ${least.id}${missed}`, met: !below.length };
}

const times = (value) => `${value.toFixed(2)}x`;
const largeAttention = (races) => group(races, 'W1').filter((race) => sizeOf(race) >= 512);
const layers = (races, from) => group(races, 'W2', 'W3').filter((race) => sizeOf(race) >= from);
const tiny = (races) => races.filter(({ id }) => id === 'W1 n=16' || id.startsWith('W4'));
const LITERT = 'LiteRT.js';

const raceRows = (part, where, shares, ratios) => [
  {
    part,
    work: `W1 n ≥ 512, f32, one thread, ${where}`,
    target: `≥ ${100 * shares.attention} % of the peak`,
    measure: (races) => atLeast(shares.attention, largeAttention(races), share, percent),
  },
  ...shares.layers.map(([from, least]) => ({
    part,
    work: `W2, W3 from n = ${from}, ${where}`,
    target: `≥ ${100 * least} % of the peak`,
    measure: (races) => atLeast(least, layers(races, from), share, percent),
  })),
  {
    part,
    work: `every size of W1 to W4, ${where}`,
    target: `≥ ${ratios.all}x the best peer`,
    measure: (races) => atLeast(ratios.all, group(races, 'W1', 'W2', 'W3', 'W4'), ahead, times),
  },
  {
    part,
    work: `W1 n = 16 and W4, ${where}`,
    target: '≥ 3x the best peer',
    measure: (races) => atLeast(3, tiny(races), ahead, times),
  },
  {
    part,
    work: `W5, ${where}`,
    target: `≥ ${ratios.decoding}x the best peer`,
    measure: (races) => atLeast(ratios.decoding, group(races, 'W5'), ahead, times),
  },
];

const nodeShares = {
  attention: 0.8,
  layers: [
    [256, 0.85],
    [64, 0.8],
  ],
};
const chromiumShares = {
  attention: 0.85,
  layers: [
    [256, 0.88],
    [64, 0.8],
  ],
};

const all = [
  ...raceRows('chromium', 'Chromium', chromiumShares, { all: 1, decoding: 4 }),
  ...raceRows('node-relaxed', 'Node, relaxed', nodeShares, { all: 1.8, decoding: 2.8 }),
  ...raceRows('node', 'Node', nodeShares, { all: 1.8, decoding: 2.8 }),
  {
    part: 'threads',
    work: 'two threads, n ≥ 128, Chromium',
    target: '≥ 1.9x one thread',
    measure: (races) => {
      const large = group(races, 'W1', 'W2', 'W3').filter((race) => sizeOf(race) >= 128);
      return atLeast(1.9, large, threadGain, times);
    },
  },
  {
    part: 'threads',
    work: 'two threads, tiny sizes, Chromium',
    // as much as the same code measured twice differs
    target: 'never slower: ≥ 0.97x',
    measure: (races) => atLeast(0.97, races, threadGain, times),
  },
  {
    part: 'revectorize',
    work: 'Chromium with --wasm-revectorize',
    target: 'ahead of LiteRT.js',
    measure: (races) =>
      atLeast(1, group(races, 'W1', 'W2', 'W3', 'W4'), (race) => ahead(race, LITERT), times),
  },
  {
    part: 'masks',
    work: 'masks, causal, grouped heads, L ≠ S, any D',
    target: '≤ 15 % slower per needed operation than plain',
    measure: ([plain, ...others]) => {
      const per = ({ name, ms, error, operations }) => {
        if (error !== undefined) throw new Error(`${name}: ${error}`);
        return ms / operations;
      };
      const judgedOnes = others.filter(({ beside }) => !beside);
      const found = judgedOnes.map((one) => ({
        name: one.name,
        excess: per(one) / per(plain) - 1,
      }));
      found.sort((a, b) => b.excess - a.excess);
      const [worst] = found;
      const above = found.filter(({ excess }) => excess > 0.15);
      const missed =
        above.length > 1 ? ` (above: ${above.map(({ name }) => name).join('; ')})` : '';
      return { measured: `${percent(worst.excess)}, ${worst.name}${missed}`, met: !above.length };
    },
  },
  ...[
    [true, 2.5, 'weights kept'],
    [false, 3.2, 'tiled'],
  ].map(([kept, target, how]) => ({
    part: 'backward',
    work: `backward of attention and of a layer, ${how}`,
    target: `≤ ${target}x its forward`,
    measure: (found) => {
      const ratios = found
        .filter((one) => one.kept === kept)
        .map(({ name, forward, both, error }) => {
          if (error !== undefined) throw new Error(`${name}: ${error}`);
          return { name, ratio: both / forward - 1 };
        });
      const worst = ratios.reduce((a, b) => (b.ratio > a.ratio ? b : a));
      const name = worst.name.split(',')[0];
      return { measured: `${times(worst.ratio)}, ${name}`, met: worst.ratio <= target };
    },
  })),
  {
    part: 'translator',
    work: 'the translator, 8 words, beam 4, f32, Chromium',
    target: '≤ 20 ms',
    measure: ({ perSentence }) => below(20, perSentence),
  },
  {
    part: 'translator',
    work: 'the same, int8',
    target: '≤ 10 ms',
    measure: ({ int8 }) => below(10, int8),
  },
  {
    part: 'translator',
    work: '32 sentences as a batch, beam 4',
    target: '≥ 1.3x the sentences a second of one at a time',
    measure: ({ single, batch }) => {
      if (!(single / batch > 0)) throw new Error(`${single}, ${batch}`);
      return { measured: times(single / batch), met: single / batch >= 1.3 };
    },
  },
  {
    part: 'long',
    work: 'W1 n = 16,384, Chromium',
    target: '≤ 64 MiB beyond inputs and outputs',
    measure: ({ beyond, ms, wrong, off }) => ({
      measured: `${(beyond / 2 ** 20).toFixed(1)} MiB in ${figure(ms / 1000)} s${wrong ? `, wrong by ${off}` : ''}`,
      met: beyond <= 64 * 2 ** 20 && !wrong,
    }),
  },
  {
    part: 'size',
    work: 'core wasm + its JavaScript, gzip',
    target: '≤ 150 kB',
    measure: ({ wasm, glue, javascript }) => ({
      measured: `${kilo(wasm + glue)}; with the whole API, bundled, ${kilo(wasm + javascript)}`,
      met: wasm + glue <= 150_000,
    }),
  },
  {
    part: 'size',
    work: "the translator's weights, int8",
    target: '≤ 10 MB',
    measure: ({ int8 }) => {
      if (!int8) throw new Error('there are none');
      return { measured: `${(int8 / 1e6).toFixed(2)} MB`, met: int8 <= 10e6 };
    },
  },
  {
    part: 'start',
    work: 'import to first result, Node',
    target: '≤ 25 ms',
    measure: ({ node }) => below(25, node.ms),
  },
  {
    part: 'start',
    work: 'import to first result, Chromium',
    target: '≤ 60 ms',
    measure: ({ chromium }) => {
      const { measured, met } = below(60, chromium.ms);
      return { measured: `${measured}; unbundled ${figure(chromium.unbundled)} ms`, met };
    },
  },
];

const kilo = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const threadGain = (race) => ours(race).ms / ours(race, 'regard, 2 threads').ms;

function below(target, ms) {
  if (!(ms > 0)) throw new Error(ms ?? 'this build cannot do it');
  return { measured: time(ms), met: ms <= target };
}
