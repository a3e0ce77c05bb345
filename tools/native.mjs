// SPDX-License-Identifier: MIT
// CMake and Ninja: the native builds and the WebAssembly modules.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages, isDebian } from './debian.mjs';
import { Trouble, step } from './log.mjs';
import { build, root } from './paths.mjs';
import { ask, run } from './run.mjs';

/** The library, its tests and the programs for this machine; `narrow` with four floats per register. */
export function buildNative(
  tools,
  { narrow = false, targets = narrow ? ['regard_tests'] : [] } = {},
) {
  const name = narrow ? 'narrow' : 'native';
  const what = narrow
    ? 'the native tests with four lanes'
    : 'the native library, tests and programs';
  const options = [`-DCMAKE_CXX_COMPILER=${tools.cxx}`, `-DREGARD_NARROW=${narrow ? 'ON' : 'OFF'}`];
  return compile(tools, name, what, options, targets);
}

/** The native tests in build/`name`, watched by the compiler's `sanitizers`. */
export async function buildSanitized(tools, name, sanitizers) {
  // clang's run-time libraries, which nothing else needs
  const llvm = /clang\+\+-(\d+)$/.exec(tools.cxx)?.[1];
  if (llvm && isDebian()) await installPackages([`libclang-rt-${llvm}-dev`]);
  const options = [`-DCMAKE_CXX_COMPILER=${tools.cxx}`, `-DREGARD_SANITIZE=${sanitizers}`];
  return compile(tools, name, `the native tests for ${sanitizers}`, options, ['regard_tests']);
}

/** regard-simd and regard-relaxed, and each with the laboratory, with threads, and with both. */
export function buildWasm(tools) {
  const platform = join(tools.emscripten, 'cmake/Modules/Platform/Emscripten.cmake');
  return compile(
    tools,
    'wasm',
    'the WebAssembly modules',
    [`-DCMAKE_TOOLCHAIN_FILE=${platform}`],
    [],
  );
}

async function compile(tools, name, what, options, targets) {
  const folder = join(build, name);
  const { env } = tools;
  await configure(folder, [...options, `-DREGARD_TOOLCHAIN=${tools.root}`], env);
  const jobs = process.env.REGARD_JOBS ? ['-j', process.env.REGARD_JOBS] : [];
  await step(`Compiling ${what}`, (progress) =>
    run('ninja', ['-C', folder, ...jobs, ...targets], { env, progress, noise: /^\[\d+\/\d+\] / }),
  );
  return folder;
}

// CMake runs when it has not yet, or was told something else; later changes Ninja notices by itself.
async function configure(folder, options, env) {
  const told = [...options, ask('cmake', ['--version']) ?? ''].join('\n');
  const mark = join(folder, '.configured');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === told) return;
  if (!ask('cmake', ['--version']))
    throw new Trouble('CMake was not found: install cmake 3.25 or newer.');
  rmSync(folder, { recursive: true, force: true });
  await step(`Configuring ${folder}`, (progress) =>
    run('cmake', ['-S', root, '-B', folder, '-G', 'Ninja', ...options], { env, progress }),
  );
  writeFileSync(`${mark}.new`, told);
  renameSync(`${mark}.new`, mark);
}
