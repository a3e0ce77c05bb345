// SPDX-License-Identifier: MIT
// Finds or fetches what the build needs: Emscripten, a native compiler, header libraries, browsers.
// On Debian all of it is fetched; elsewhere what is missing is named with the way to get it.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, isStamped, locked, stamp } from './cache.mjs';
import { installPackages, isDebian, unpackPackages } from './debian.mjs';
import { Trouble, main, say, step } from './log.mjs';
import { ask, run, which } from './run.mjs';

/** The oldest Emscripten that has what we use: relaxed SIMD, --emit-tsd, Embind without eval. */
const OLDEST_EMSCRIPTEN = [3, 1, 69];

// A new recipe gets a new number, so that clones of different ages share one cache.
const RECIPE = 1;
const LLVM = 19;
const SUITE = 'trixie';
const ACORN = 'acorn@8.15.0';

const HOST_PACKAGES = [
  `clang-${LLVM}`,
  `lld-${LLVM}`,
  `llvm-${LLVM}`,
  'python3',
  'xz-utils',
  'cmake',
  'ninja-build',
  'libgtest-dev',
  'chromium',
  'fonts-noto-cjk',
];
const PRIVATE_HEADERS = ['libxsimd-dev', 'xtl-dev', 'libeigen3-dev', 'rapidjson-dev'];
const PRIVATE_EMSCRIPTEN = ['emscripten', 'binaryen', 'libc6', 'libgcc-s1', 'libstdc++6'];

/**
 * Everything a build needs, found or fetched:
 * root   the folder of fetched headers and tools, '' if there is none
 * emcc   the folder of emcc and its CMake files
 * cxx    the native compiler
 * chromium  a Chromium that tests may start
 * env    the environment for programs of the toolchain
 */
export async function toolchain() {
  const own = ownEmscripten();
  if (!isDebian()) return elsewhere(own);
  await installPackages(HOST_PACKAGES);
  const root = join(cacheFolder, `toolchain-${RECIPE}`);
  const content = JSON.stringify([RECIPE, PRIVATE_HEADERS, PRIVATE_EMSCRIPTEN, ACORN]);
  if (!isStamped(root, content)) await locked(cacheFolder, () => fetchInto(root, content));
  return describe(
    root,
    own ?? join(root, 'usr/share/emscripten'),
    `clang++-${LLVM}`,
    own ? {} : environment(root),
  );
}

function describe(root, emscripten, cxx, extra) {
  const chromium =
    process.env.REGARD_CHROMIUM || which('chromium') || which('google-chrome') || macChrome();
  return { root, emscripten, cxx, chromium, env: { ...process.env, ...extra } };
}

function environment(root) {
  return { EM_CONFIG: join(root, 'emscripten.config') };
}

// --- Fetching: all into a folder beside the final one, which appears complete or not at all ---

async function fetchInto(root, content) {
  if (isStamped(root, content)) return;
  say(`Fetching the toolchain into ${cacheFolder} (once; about 250 MB of downloads)`);
  for (const name of readdirSync(cacheFolder).filter((entry) => entry.startsWith('fetching-'))) {
    rmSync(join(cacheFolder, name), { recursive: true, force: true });
  }
  const temporary = join(cacheFolder, `fetching-${process.pid}`);
  await unpackPackages(SUITE, [...PRIVATE_EMSCRIPTEN, ...PRIVATE_HEADERS], temporary);
  wrapBinaryen(temporary, root);
  configureEmscripten(temporary, root);
  await fetchAcorn(temporary);
  stamp(temporary, content);
  rmSync(root, { recursive: true, force: true });
  renameSync(temporary, root);
}

// Binaryen wants a newer C library than the host's: it runs through the loader of its own release.
function wrapBinaryen(folder, root) {
  const bin = join(folder, 'binaryen/bin');
  mkdirSync(bin, { recursive: true });
  const library = readdirSync(join(folder, 'usr/lib')).find((name) => name.endsWith('-linux-gnu'));
  const libraries = join(root, 'usr/lib', library);
  const loader = readdirSync(join(folder, 'usr/lib', library)).find((name) =>
    /^ld-linux.*\.so/.test(name),
  );
  for (const name of readdirSync(join(folder, 'usr/bin')).filter((name) =>
    name.startsWith('wasm'),
  )) {
    const program = `${join(libraries, loader)} --library-path ${libraries} ${join(root, 'usr/bin', name)}`;
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${program} "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
}

// The packaged cache of system libraries is read-only; the configuration names a writable copy.
function configureEmscripten(folder, root) {
  cpSync(join(folder, 'usr/share/emscripten/cache'), join(folder, 'emscripten-cache'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  writeFileSync(
    join(folder, 'emscripten.config'),
    [
      `LLVM_ROOT = '/usr/lib/llvm-${LLVM}/bin'`,
      `BINARYEN_ROOT = '${join(root, 'binaryen')}'`,
      `NODE_JS = '${process.execPath}'`,
      `CACHE = '${join(root, 'emscripten-cache')}'`,
      '',
    ].join('\n'),
  );
}

async function fetchAcorn(folder) {
  const place = join(folder, 'acorn');
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{ "private": true }\n');
  await step(`Fetching ${ACORN} for Emscripten`, (progress) =>
    run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ACORN], {
      cwd: place,
      progress,
    }),
  );
  renameSync(join(place, 'node_modules'), join(folder, 'usr/share/emscripten/node_modules'));
  rmSync(place, { recursive: true });
}

// --- What is there already ---

// The folder of an emcc in EMSDK or on the PATH that is new enough.
function ownEmscripten() {
  const program = process.env.EMSDK
    ? join(process.env.EMSDK, 'upstream/emscripten/emcc')
    : which('emcc');
  const version =
    program &&
    ask(program, ['--version'])
      ?.match(/(\d+)\.(\d+)\.(\d+)/)
      ?.slice(1)
      .map(Number);
  if (!version) return undefined;
  const [major, minor, patch] = version.map((part, index) => part - OLDEST_EMSCRIPTEN[index]);
  return (major || minor || patch) >= 0 ? emscriptenFolder(program) : undefined;
}

function emscriptenFolder(program) {
  const folder = ask('em-config', ['EMSCRIPTEN_ROOT']) ?? dirname(program);
  return existsSync(join(folder, 'cmake/Modules/Platform/Emscripten.cmake')) ? folder : undefined;
}

function elsewhere(emscripten) {
  const cxx = process.env.CXX || ['clang++-19', 'clang++', 'g++'].find(which);
  const missing = [
    [
      emscripten,
      `emcc ${OLDEST_EMSCRIPTEN.join('.')} or newer (get emsdk from emscripten.org and run \`source emsdk_env.sh\`)`,
    ],
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
