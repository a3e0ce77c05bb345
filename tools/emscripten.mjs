// SPDX-License-Identifier: MIT
// Emscripten: the one that is here, if it is new enough, or Debian's next one, made to run on this release.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { step } from './log.mjs';
import { ask, run, which } from './run.mjs';

/** The oldest Emscripten that has what we use: relaxed SIMD, --emit-tsd, Embind without eval. */
export const oldestEmscripten = [3, 1, 69];

/** What unpackEmscripten needs of Debian's next release. */
export const emscriptenPackages = ['emscripten', 'binaryen', 'libc6', 'libgcc-s1', 'libstdc++6'];
export const acorn = 'acorn@8.15.0';

/** The folder of an emcc in EMSDK or on the PATH that is new enough, or undefined. */
export function ownEmscripten() {
  const { EMSDK } = process.env;
  const program = EMSDK ? join(EMSDK, 'upstream/emscripten/emcc') : which('emcc');
  const version = program && ask(program, ['--version'])?.match(/(\d+)\.(\d+)\.(\d+)/);
  if (!version) return undefined;
  const newer = oldestEmscripten.map((part, index) => Number(version[index + 1]) - part);
  if ((newer.find((difference) => difference !== 0) ?? 0) < 0) return undefined;
  const folder = ask(join(dirname(program), 'em-config'), ['EMSCRIPTEN_ROOT']) ?? dirname(program);
  return existsSync(join(folder, 'cmake/Modules/Platform/Emscripten.cmake')) ? folder : undefined;
}

/** Where emcc lies in a toolchain's folder, and the environment it wants. */
export const emscriptenIn = (root) => join(root, 'usr/share/emscripten');
export const emscriptenEnvironment = (root) => ({ EM_CONFIG: join(root, 'emscripten.config') });

/** Makes the packages unpacked in `folder` work from `root`, where the folder will stand. */
export async function setUpEmscripten(folder, root, llvm) {
  wrapBinaryen(folder, root);
  configure(folder, root, llvm);
  await fetchAcorn(folder);
}

// Binaryen wants a newer C library than the host's: it runs through the loader of its own release.
function wrapBinaryen(folder, root) {
  const bin = join(folder, 'binaryen/bin');
  mkdirSync(bin, { recursive: true });
  const machine = readdirSync(join(folder, 'usr/lib')).find((name) => name.endsWith('-linux-gnu'));
  const libraries = join(root, 'usr/lib', machine);
  const loader = readdirSync(join(folder, 'usr/lib', machine)).find((name) =>
    /^ld-linux.*\.so/.test(name),
  );
  const start = `exec '${join(libraries, loader)}' --library-path '${libraries}'`;
  for (const name of readdirSync(join(folder, 'usr/bin')).filter((name) => /^wasm/.test(name))) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${start} '${join(root, 'usr/bin', name)}' "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
}

// The packaged cache of system libraries is read-only where it stands: the configuration names another
// place. Position-independent libraries, half of it, are for modules that load others.
function configure(folder, root, llvm) {
  const cache = join(folder, 'emscripten-cache');
  renameSync(join(emscriptenIn(folder), 'cache'), cache);
  for (const name of ['pic', 'lto-pic']) {
    const libraries = join(cache, 'sysroot/lib/wasm32-emscripten', name);
    rmSync(libraries, { recursive: true, force: true });
  }
  const settings = {
    LLVM_ROOT: llvm,
    BINARYEN_ROOT: join(root, 'binaryen'),
    NODE_JS: process.execPath,
    CACHE: join(root, 'emscripten-cache'),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
  writeFileSync(join(folder, 'emscripten.config'), lines.join(''));
}

// Emscripten shrinks its JavaScript with acorn, which Debian leaves out.
async function fetchAcorn(folder) {
  const place = join(folder, 'acorn');
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', acorn];
  await step(`Fetching ${acorn} for Emscripten`, (progress) =>
    run('npm', args, { cwd: place, progress }),
  );
  renameSync(join(place, 'node_modules'), join(emscriptenIn(folder), 'node_modules'));
  rmSync(place, { recursive: true });
}
