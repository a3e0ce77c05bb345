// SPDX-License-Identifier: MIT
// `npm test`: builds everything and runs every test, on every build and in every engine. What could
// not be built or run counts as failed. Arguments name the suites to run: `npm test -- native jest-simd`;
// `address` and `thread`, which take long, run only when they are named.
import { join } from 'node:path';
import { buildPackage, buildSingleFile, buildSite, withToolchain } from './build.mjs';
import { Trouble, main, say } from './log.mjs';
import { buildNative, buildSanitized } from './native.mjs';
import { js, root } from './paths.mjs';
import { chromium, googleTest, jest, nodeTest } from './runners.mjs';

const builds = {
  native: (tools) => buildNative(tools),
  narrow: (tools) => buildNative(tools, { narrow: true }),
  address: (tools) => buildSanitized(tools, 'address', 'address,undefined'),
  thread: (tools) => buildSanitized(tools, 'thread', 'thread'),
  package: buildPackage,
  site: buildSite,
  singleFile: buildSingleFile,
};

// Each suite: what must be built first, and how it runs.
const suites = {
  house: [
    ['package', 'site', 'singleFile'],
    (tools) => nodeTest('house', join(root, 'tests'), /\.test\.mjs$/, tools),
  ],
  native: [['native'], () => googleTest('native')],
  narrow: [['narrow'], () => googleTest('narrow')],
  address: [['address'], () => googleTest('address')],
  thread: [['thread'], () => googleTest('thread')],
  'jest-simd': [['package'], (tools) => jest('simd', tools)],
  'jest-relaxed': [['package'], (tools) => jest('relaxed', tools)],
  // the same sources as the other two: whole on one, what threads share work in on the other
  'jest-threads-simd': [
    ['package'],
    (tools) => jest('simd', tools, { threads: 2, only: ['threads', 'worker', 'layers', 'sweep'] }),
  ],
  'jest-threads-relaxed': [['package'], (tools) => jest('relaxed', tools, { threads: 2 })],
  chromium: [
    ['package', 'site', 'singleFile'],
    (tools) => chromium(join(js, 'tests/browser'), tools),
  ],
};

const onlyWhenNamed = ['address', 'thread'];
const usual = Object.keys(suites).filter((name) => !onlyWhenNamed.includes(name));

await main(async () => {
  const begin = Date.now();
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !(name in suites));
  if (unknown)
    throw new Trouble(`There is no suite ${unknown}: ${Object.keys(suites).join(', ')}.`);
  const results = await withToolchain((tools) => testAll(names.length ? names : usual, tools));
  return summary(results, (Date.now() - begin) / 1000);
});

async function testAll(names, tools) {
  const built = {};
  const results = [];
  for (const name of names) {
    const [needed, runSuite] = suites[name];
    const broken = [];
    for (const part of needed) {
      built[part] ??= await attempt(() => builds[part](tools));
      if (built[part] !== 'built') broken.push(part);
    }
    results.push(
      broken.length
        ? { name: `${name} (not built)`, seconds: 0, passed: 0, failed: 1 }
        : await runSuite(tools),
    );
  }
  return results;
}

async function attempt(work) {
  try {
    await work();
    return 'built';
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    say(error.message);
    return 'broken';
  }
}

function summary(results, seconds) {
  say(
    `\n${'suite'.padEnd(26)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'seconds'.padStart(9)}`,
  );
  for (const { name, passed, failed, seconds: own } of results) {
    say(
      `${name.padEnd(26)}${String(passed).padStart(8)}${String(failed).padStart(8)}${own.toFixed(1).padStart(9)}`,
    );
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  say(`\nin ${Math.round(seconds)} s, building included`);
  say(`${passed} passed, ${failed} failed`);
  return failed ? 1 : 0;
}
