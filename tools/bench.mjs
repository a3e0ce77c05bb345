// SPDX-License-Identifier: MIT
// `npm run bench`: our library against what the processor can do and against onnxruntime-web and LiteRT.js, in
// Node and in headless Chromium, all of them in turn in one run. tests/bench/README.md has the options.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measures } from '../tests/bench/measures.mjs';
import { machine, page } from '../tests/bench/page.mjs';
import { rows } from '../tests/bench/rows.mjs';
import { made } from '../tests/bench/sessions.mjs';
import { printed, rowTable } from '../tests/bench/table.mjs';
import { shortList, workloads } from '../tests/bench/workloads.mjs';
import { buildPackage, withToolchain } from './build.mjs';
import { Trouble, main, say, step } from './log.mjs';
import { buildNative } from './native.mjs';
import { build, dist, root } from './paths.mjs';
import { watch, which } from './run.mjs';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean' },
    part: { type: 'string' },
    only: { type: 'string' },
    node: { type: 'boolean' },
    chromium: { type: 'boolean' },
    contenders: { type: 'string' },
    build: { type: 'string' },
    threads: { type: 'string' },
    revectorize: { type: 'boolean' },
    seconds: { type: 'string' },
    package: { type: 'string' },
    against: { type: 'string' },
    run: { type: 'string', default: '1' },
    keep: { type: 'boolean' },
    native: { type: 'boolean' },
    write: { type: 'boolean' },
  },
});
// A run that measures less than all of a part, or something else, is not kept.
const other = [
  'short',
  'only',
  'contenders',
  'build',
  'threads',
  'revectorize',
  'seconds',
  'against',
];
const isWhole = other.every((name) => options[name] === undefined);

await main(async () => {
  if (options.native) return nativeKernels();
  const begin = Date.now();
  const names = chosenParts();
  const settings = {
    folder: await packageToMeasure(),
    against: options.against && packageAt(options.against),
    executablePath: process.env.REGARD_CHROMIUM || which('chromium') || which('google-chrome'),
    ids: chosenWorkloads(),
    contenders: options.contenders?.split(','),
    build: options.build,
    threads: Number(options.threads ?? 1),
    revectorize: options.revectorize,
    seconds: Number(options.seconds ?? (options.short ? 1 : 1.5)),
    warmMs: options.short ? 150 : 300,
  };
  say(`${machine()}, ${new Date().toISOString()}`);
  const found = {};
  for (const name of names) {
    const result = await step(`Measuring: ${name}`, (progress) =>
      measures[name](settings, progress),
    );
    found[name] = result.value;
    say(printed(name, result));
    if (isWhole || options.keep) keep(name, { ...result, date: new Date().toISOString() });
  }
  const judged = rows(found);
  if (isWhole) say(`\n${rowTable(judged)}`);
  if (options.write) writePage();
  say(`\n${Math.round((Date.now() - begin) / 1000)} s`);
});

// Google Benchmark on the native library; gives its exit code.
async function nativeKernels() {
  await withToolchain((tools) => buildNative(tools, { targets: ['regard_bench'] })).catch(
    (error) => {
      const missing = /unknown target/.test(error.message);
      throw missing ? new Trouble('Google Benchmark was not found: `apt-get install libbenchmark-dev`.') : error; // prettier-ignore
    },
  );
  return watch(join(build, 'native/regard_bench'), ['--benchmark_min_time=0.2']);
}

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

function chosenParts() {
  const all = Object.keys(measures);
  if (options.part) {
    const names = options.part.split(',').filter(Boolean);
    const unknown = names.find((name) => !all.includes(name));
    if (unknown) throw new Trouble(`--part: there is no ${unknown}: ${all.join(', ')}.`);
    return names;
  }
  const node =
    options.build === 'simd'
      ? ['node']
      : options.short || options.build
        ? ['node-relaxed']
        : ['node', 'node-relaxed'];
  if (options.node && !options.chromium) return node;
  if (options.chromium && !options.node) return ['chromium'];
  return isWhole && !options.node ? all : [...node, 'chromium'];
}

function chosenWorkloads() {
  const all = options.short ? shortList : undefined;
  const wanted = options.only?.split(',');
  if (!wanted) return all;
  const ids = workloads
    .map(({ id }) => id)
    .filter((id) => wanted.some((part) => matches(id, part)));
  if (!ids.length) throw new Trouble(`--only: there is no workload ${options.only}.`);
  return ids;
}

// 'W1' means all of its sizes, 'W1 n=16' and 'W1:16' one.
function matches(id, part) {
  const name = part.trim().replace(':', ' n=');
  return id === name || id.startsWith(`${name} `);
}

// With --only what was kept of other workloads stays.
function keep(name, result) {
  const folder = join(made, `run-${options.run}`);
  const file = join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  if (options.only) {
    const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).value : [];
    const all = workloads.map(({ id }) =>
      [...result.value, ...before].find((race) => race.id === id),
    );
    result.value = all.filter(Boolean);
  }
  writeFileSync(file, JSON.stringify(result, undefined, 1));
}

// What was kept of all runs so far.
function writePage() {
  const runs = readdirSync(made)
    .filter((name) => /^run-/.test(name))
    .sort()
    .map((name) => {
      const folder = join(made, name);
      const parts = readdirSync(folder).map((file) => [
        file.replace('.json', ''),
        JSON.parse(readFileSync(join(folder, file), 'utf8')),
      ]);
      return Object.fromEntries(parts);
    });
  writeFileSync(join(root, 'tests/bench/RESULTS.md'), page(runs));
  say('\ntests/bench/RESULTS.md is written');
}
