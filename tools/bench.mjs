// SPDX-License-Identifier: MIT
// `npm run bench`: our library against what the processor can do and against onnxruntime-web and LiteRT.js, in
// Node and in headless Chromium, all of them in turn in one run. tests/bench/README.md has the options.
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromiumSession, nodeSession } from '../tests/bench/sessions.mjs';
import { raceTable, reasons } from '../tests/bench/table.mjs';
import { shortList, workloads } from '../tests/bench/workloads.mjs';
import { buildPackage, withToolchain } from './build.mjs';
import { Trouble, main, say, step } from './log.mjs';
import { dist } from './paths.mjs';
import { which } from './run.mjs';
import { relaxedFlag } from './runners.mjs';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean' },
    only: { type: 'string' },
    node: { type: 'boolean' },
    chromium: { type: 'boolean' },
    contenders: { type: 'string', default: 'regard,onnxruntime,litert,peak' },
    build: { type: 'string' },
    threads: { type: 'string', default: '1' },
    revectorize: { type: 'boolean' },
    seconds: { type: 'string' },
    package: { type: 'string' },
    against: { type: 'string' },
  },
});

const engines = {
  node: () => nodeSession({}),
  'node-relaxed': () => nodeSession({ flags: relaxedFlag() }),
  chromium: (executablePath) =>
    chromiumSession({ executablePath, flags: options.revectorize ? ['--wasm-revectorize'] : [] }),
};
const titles = {
  node: `Node ${process.versions.node}`,
  'node-relaxed': `Node ${process.versions.node} with relaxed SIMD`,
  chromium: options.revectorize ? 'Chromium with --wasm-revectorize' : 'Chromium',
};

await main(async () => {
  const begin = Date.now();
  const folder = await packageToMeasure();
  const ids = chosen();
  say(`${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${new Date().toISOString()}`);
  for (const name of chosenEngines()) {
    const races = await measure(name, folder, ids);
    say(`\n${titles[name]}, ${options.threads} thread${options.threads === '1' ? '' : 's'}\n`);
    say(raceTable(races));
    for (const reason of reasons(races)) say(`  ${reason}`);
  }
  say(`\n${Math.round((Date.now() - begin) / 1000)} s`);
});

// The package of this clone, built first; or one that is named, as it lies there.
async function packageToMeasure() {
  if (options.package) return packageAt(options.package);
  await withToolchain(buildPackage);
  return join(dist, 'bindings/js');
}

// A clone, its dist/, or the folder of the package itself.
function packageAt(path) {
  const places = ['dist/bindings/js', 'bindings/js', '.'].map((part) => resolve(path, part));
  const found = places.find((place) => existsSync(join(place, 'index.node.js')));
  if (!found) throw new Trouble(`There is no built package in ${path}.`);
  return found;
}

function chosen() {
  const all = options.short ? shortList : workloads.map(({ id }) => id);
  const wanted = options.only?.split(',');
  const ids = wanted ? workloads.map(({ id }) => id).filter((id) => wanted.some((part) => matches(id, part))) : all; // prettier-ignore
  if (!ids.length) throw new Trouble(`--only: there is no workload ${options.only}.`);
  return ids;
}

// 'W1' means all of its sizes, 'W1 n=16' and 'W1:16' one.
function matches(id, part) {
  const name = part.trim().replace(':', ' n=');
  return id === name || id.startsWith(`${name} `);
}

function chosenEngines() {
  const relaxed = options.short || options.build === 'relaxed';
  const node = options.build === 'simd' ? ['node'] : relaxed ? ['node-relaxed'] : ['node', 'node-relaxed']; // prettier-ignore
  if (options.node && !options.chromium) return node;
  return options.chromium && !options.node ? ['chromium'] : [...node, 'chromium'];
}

async function measure(name, folder, ids) {
  const session = await engines[name](which('chromium') ?? which('google-chrome'));
  try {
    return await step(`Measuring in ${titles[name]}`, async (progress) => {
      const kinds = options.contenders.split(',');
      const own = { kind: 'regard', name: 'regard', entry: session.entry(folder) };
      const before = options.against && {
        kind: 'regard',
        name: 'regard, against',
        entry: session.entry(packageAt(options.against)),
      };
      const contenders = [own, before, { kind: 'onnxruntime' }, { kind: 'litert' }];
      const loaded = await session.call('start', {
        contenders: contenders.filter((one) => one && kinds.includes(one.kind)),
        engine: name.split('-')[0],
        peers: `${session.url}node_modules/`,
        build: options.build,
        threads: Number(options.threads),
        seconds: Number(options.seconds ?? (options.short ? 1 : 3)),
        warmMs: options.short ? 150 : 400,
        peaks: kinds.includes('peak') ? undefined : [],
      });
      for (const { name: who, error } of loaded) if (error) say(`  ${who}: ${error}`);
      const races = [];
      for (const id of ids) {
        progress(id);
        races.push(await session.call('raceOn', id));
      }
      return races;
    });
  } finally {
    await session.close();
  }
}
