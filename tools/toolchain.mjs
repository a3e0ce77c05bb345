// SPDX-License-Identifier: MIT
// Finds or fetches what the build needs: Emscripten, a native compiler, header libraries, a browser.
// On Debian all of it is fetched; elsewhere what is missing is named with the way to get it.
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, isStamped, locked, stamp } from './cache.mjs';
import { installPackages, isDebian, unpackPackages } from './debian.mjs';
import {
  acorn,
  emscriptenEnvironment,
  emscriptenIn,
  emscriptenPackages,
  oldestEmscripten,
  ownEmscripten,
  setUpEmscripten,
} from './emscripten.mjs';
import { Trouble, main, say } from './log.mjs';
import { which } from './run.mjs';

// A new recipe gets a new number, so that clones of different ages share one cache.
const recipe = 1;
const suite = 'trixie';
const llvm = 19;

const hostPackages = [
  ...[`clang-${llvm}`, `lld-${llvm}`, `llvm-${llvm}`, 'python3', 'xz-utils'],
  ...['cmake', 'ninja-build', 'libgtest-dev', 'libbenchmark-dev', 'chromium', 'fonts-noto-cjk'],
];
const headerPackages = ['libxsimd-dev', 'xtl-dev', 'libeigen3-dev', 'rapidjson-dev'];

/**
 * Everything a build needs, found or fetched:
 * root        the folder of fetched headers and tools, '' if there is none
 * emscripten  the folder of emcc and its CMake files
 * cxx         the native compiler
 * chromium    a Chromium that tests may start, or undefined
 * env         the environment for programs of the toolchain
 */
export async function toolchain() {
  const own = ownEmscripten();
  if (!isDebian()) return elsewhere(own);
  await installPackages(hostPackages);
  const root = await fetched(own ? [] : emscriptenPackages);
  const extra = own ? {} : emscriptenEnvironment(root);
  return describe(root, own ?? emscriptenIn(root), `clang++-${llvm}`, extra);
}

function describe(root, emscripten, cxx, extra) {
  const found = ['chromium', 'google-chrome'].map(which).find(Boolean);
  const chromium = process.env.REGARD_CHROMIUM || found || macChrome();
  return { root, emscripten, cxx, chromium, env: { ...process.env, ...extra } };
}

// The folder of fetched packages. It is filled beside its final place, and appears complete or not at all.
async function fetched(emscripten) {
  const packages = [...emscripten, ...headerPackages];
  const root = join(cacheFolder, emscripten.length ? `toolchain-${recipe}` : `headers-${recipe}`);
  const content = JSON.stringify([suite, packages, acorn, llvm]);
  if (isStamped(root, content)) return root;
  await locked(cacheFolder, async () => {
    if (isStamped(root, content)) return;
    say(`Fetching the toolchain into ${cacheFolder} (once; about 240 MB of packages)`);
    removeLeftovers();
    const temporary = join(cacheFolder, `fetching-${process.pid}`);
    await unpackPackages(suite, packages, temporary);
    if (emscripten.length) await setUpEmscripten(temporary, root, `/usr/lib/llvm-${llvm}/bin`);
    stamp(temporary, content);
    rmSync(root, { recursive: true, force: true });
    renameSync(temporary, root);
    removeLeftovers();
  });
  return root;
}

// What a run that was interrupted left behind; the lock says that nobody is still at it. A program that
// it started may be, for a moment: so this is done before and after.
function removeLeftovers() {
  for (const name of readdirSync(cacheFolder).filter((entry) => entry.startsWith('fetching-'))) {
    try {
      rmSync(join(cacheFolder, name), {
        recursive: true,
        force: true,
        maxRetries: 5,
        retryDelay: 200,
      });
    } catch (error) {
      say(`  ${name} stays for now (${error.code})`);
    }
  }
}

function elsewhere(emscripten) {
  const cxx = process.env.CXX || ['clang++-19', 'clang++', 'g++'].find(which);
  const emcc = `emcc ${oldestEmscripten.join('.')} or newer`;
  const missing = [
    [emscripten, `${emcc} (install emsdk from emscripten.org and run \`source emsdk_env.sh\`)`],
    [which('cmake'), 'cmake 3.25 or newer (`brew install cmake`, or your package manager)'],
    [which('ninja'), 'ninja (`brew install ninja`, or your package manager)'],
    [cxx, "a C++20 compiler (`xcode-select --install`, or your package manager's clang)"],
  ].filter(([found]) => !found);
  if (missing.length) throw new Trouble(`Missing: ${missing.map(([, how]) => how).join('; ')}.`);
  return describe('', emscripten, cxx, {});
}

function macChrome() {
  const path = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return existsSync(path) ? path : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    const { root, emscripten, cxx, chromium } = await toolchain();
    say(JSON.stringify({ root, emscripten, cxx, chromium }, null, 2));
  });
}
