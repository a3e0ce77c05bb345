// SPDX-License-Identifier: MIT
// Each runner of tests: it runs one suite to its end and says how many passed, failed and were skipped.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { say, step } from './log.mjs';
import { build, root } from './paths.mjs';
import { run } from './run.mjs';

const reports = join(build, 'reports');

// What sanitizers are told: memory that is not to be had is an error that the tests expect.
const watchers = {
  ASAN_OPTIONS: 'allocator_may_return_null=1:detect_stack_use_after_return=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  TSAN_OPTIONS: 'allocator_may_return_null=1:halt_on_error=1:second_deadlock_stack=1',
};

/** GoogleTest: the binary of a native build. */
export function googleTest(folder) {
  return suite(folder, async (report, progress) => {
    const program = join(build, folder, 'regard_tests');
    const { output } = await run(program, [`--gtest_output=json:${report}`], {
      env: { ...process.env, ...watchers },
      progress,
      allowFailure: true,
      cwd: root,
    });
    const { tests = 0, failures = 0, disabled = 0, testsuites = [] } = readReport(report);
    const skipped = testsuites
      .flatMap(({ testsuite }) => testsuite)
      .filter(({ result }) => result === 'SKIPPED').length;
    const wrong = failures + disabled + skipped;
    return { passed: tests - wrong, failed: wrong, output: onlyFailures(output) };
  });
}

/** Jest on one of the wasm files, those with `threads` if there are several; `only` some files if they are named. */
export function jest(wasm, tools, { threads = 1, only = [] } = {}) {
  return suite(`jest-${threads > 1 ? 'threads-' : ''}${wasm}`, async (report, progress) => {
    const flags = [
      '--experimental-vm-modules',
      '--no-warnings',
      ...(wasm === 'relaxed' ? relaxedFlag() : []),
    ];
    const args = [
      join(root, 'node_modules/jest/bin/jest.js'),
      '--ci',
      '--json',
      `--outputFile=${report}`,
      ...only,
    ];
    const env = { ...tools.env, REGARD_BUILD: wasm, REGARD_THREADS: String(threads) };
    const { output } = await run(process.execPath, [...flags, ...args], {
      env,
      progress,
      allowFailure: true,
      cwd: root,
    });
    const {
      numPassedTests = 0,
      numTotalTests = 0,
      numFailedTestSuites = 0,
      testResults = [],
    } = readReport(report);
    // a file that does not even load has no tests to fail
    const broken = testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && !assertionResults.length,
    );
    const failed = numTotalTests - numPassedTests + broken.length;
    const words = testResults
      .map(({ message }) => message)
      .filter(Boolean)
      .join('\n');
    return {
      passed: numPassedTests,
      failed,
      output: failed || numFailedTestSuites ? words || output : output,
    };
  });
}

/**
 * Relaxed SIMD is behind a flag in Node 20; later versions have it on and may not know the flag. There its baseline
 * compiler gets the relaxed dot of bytes wrong (all rows of a tile but the first), its optimizing one right, as Chromium.
 */
export function relaxedFlag() {
  return process.allowedNodeEnvironmentFlags.has('--experimental-wasm-relaxed-simd') ||
    /^v2[01]\./.test(process.version)
    ? ['--experimental-wasm-relaxed-simd', '--no-liftoff']
    : [];
}

/** The page in Chromium, by node:test. */
export function chromium(folder, tools) {
  if (tools.chromium) return nodeTest('chromium', folder, /\.test\.js$/, tools);
  return suite('chromium', () => {
    throw new Error('Chromium was not found: install it, or name its file in REGARD_CHROMIUM.');
  });
}

/** node:test on the files of `folder` whose names match. */
export function nodeTest(name, folder, pattern, tools) {
  return suite(name, async (_, progress) => {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const files = names.filter((file) => pattern.test(file)).map((file) => join(folder, file));
    if (!files.length) return { passed: 0, failed: 0, output: `No tests in ${folder}.` };
    const reporter = `--test-reporter=${join(root, 'tools/reporter.mjs')}`;
    const env = { ...tools.env, REGARD_CHROMIUM: tools.chromium ?? '' };
    const { stdout, output } = await run(
      process.execPath,
      ['--test', '--test-concurrency=1', reporter, ...files],
      {
        env,
        progress,
        allowFailure: true,
        cwd: root,
      },
    );
    const counts = stdout.trim().split('\n').pop();
    return { ...JSON.parse(counts), output: output.replace(counts, '') };
  });
}

async function suite(name, work) {
  mkdirSync(reports, { recursive: true });
  const report = join(reports, `${name}.json`);
  rmSync(report, { force: true });
  const begin = Date.now();
  let counts;
  try {
    counts = await step(`Testing: ${name}`, (progress) => work(report, progress));
  } catch (error) {
    counts = { passed: 0, failed: 1, output: error.message };
  }
  // nothing tested is nothing known
  if (counts.passed + counts.failed === 0) counts.failed = 1;
  if (counts.failed) say(counts.output);
  return { name, seconds: (Date.now() - begin) / 1000, ...counts };
}

// A program that died before it wrote its report has one failure at least.
function readReport(path) {
  if (!existsSync(path)) throw new Error('The test program ended without a report.');
  return JSON.parse(readFileSync(path, 'utf8'));
}

function onlyFailures(output) {
  const lines = output.split('\n').filter((line) => !/^\[ +(OK|RUN) +\]|^\[-+\]/.test(line));
  return lines.slice(-400).join('\n');
}
