// SPDX-License-Identifier: MIT
// From sources to the package, the site and the single file; each step is skipped when nothing changed.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { arrange } from './arrange.mjs';
import { whenChanged } from './fresh.mjs';
import { locked } from './cache.mjs';
import { main, say, step } from './log.mjs';
import { writeManifest } from './manifest.mjs';
import { buildWasm } from './native.mjs';
import { installNodePackages } from './packages.mjs';
import { build, dist, js, packageFolder, root, singleFile, site, wasmFiles } from './paths.mjs';
import { run } from './run.mjs';
import { toolchain } from './toolchain.mjs';

/** Runs a build alone in this clone: fetches what is missing and hands the toolchain to `work`. */
export async function withToolchain(work) {
  const tools = await toolchain();
  return locked(build, async () => {
    await installNodePackages();
    return work(tools);
  });
}

/** The package as it runs in Node and in browsers: compiled TypeScript with the wasm files beside it. */
export async function buildPackage(tools) {
  const wasm = await buildWasm(tools);
  await compileTypeScript();
  await placeWasm(wasm, tools);
  link(join(root, 'web/models'), join(packageFolder, 'models'));
  await assemble();
}

// The modules beside the package, smaller to download: functions in another order, shorter names in the
// JavaScript around them.
async function placeWasm(folder, tools) {
  for (const file of wasmFiles) {
    const [from, to] = [join(folder, file), join(packageFolder, file)];
    const inputs = [`build/wasm/${file}`, 'tools/build.mjs', 'tools/arrange.mjs'];
    await whenChanged(`package-${file}`, inputs, [to], async () => {
      if (file.endsWith('.wasm')) return arrange(from, to, tools);
      const { transform } = await import('esbuild');
      const options = { minify: true, format: 'esm', target: 'es2022' };
      const { code } = await transform(readFileSync(from, 'utf8'), options);
      writeFileSync(to, code);
    });
  }
}

function compileTypeScript() {
  const inputs = [
    'bindings/js',
    'web/elements',
    'web/site',
    'tests',
    'tsconfig.json',
    'package-lock.json',
  ];
  return whenChanged('typescript', inputs, [join(packageFolder, 'index.js')], () =>
    step('Compiling TypeScript', (progress) =>
      run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root], {
        cwd: root,
        progress,
      }),
    ),
  );
}

// dist/ holds what npm publishes: the package and the elements, without tests. The models are a link,
// which npm leaves out: they are packages of their own.
function assemble() {
  const inputs = ['build/js/bindings', 'build/js/web/elements', 'tools/build.mjs'];
  return whenChanged('dist', inputs, [dist], () =>
    step('Assembling the npm package in dist/', async () => {
      rmSync(dist, { recursive: true, force: true });
      for (const folder of ['bindings/js', 'web/elements']) {
        const filter = (path) => path !== join(packageFolder, 'models');
        cpSync(join(js, folder), join(dist, folder), { recursive: true, filter });
      }
      await joinModules(join(dist, 'bindings/js'));
      chmodSync(join(dist, 'bindings/js/cli.js'), 0o755);
      link(join(root, 'web/models'), join(dist, 'bindings/js/models'));
    }),
  );
}

// Some forty small modules become a few, or half of the time to the first result went by finding and reading
// them: 22 ms of 37 in Node, 130 of 190 in a browser on the same machine (2026-11). What is started by its
// address keeps its name, and what everything shares stands beside it.
async function joinModules(folder) {
  const modules = readdirSync(folder).filter((file) => file.endsWith('.js'));
  const entries = modules.filter((file) => /^(index|worker|thread|cli)(\.node)?\.js$/.test(file));
  const { build: bundle } = await import('esbuild');
  const { outputFiles } = await bundle({
    entryPoints: entries.map((file) => join(folder, file)),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    external: ['node:*', './regard-*'],
    write: false,
  });
  for (const file of modules) {
    for (const name of [file, `${file}.map`]) rmSync(join(folder, name), { force: true });
  }
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
}

/** The static site in build/site, with the models beside its pages. */
export async function buildSite() {
  const inputs = ['build/js/bindings', 'web', 'vite.config.mjs', 'package-lock.json'];
  await whenChanged('site', inputs, [join(site, 'index.html')], () =>
    step('Bundling the site', async (progress) => {
      await run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], {
        cwd: root,
        progress,
      });
      cpSync(join(root, 'web/models'), join(site, 'models'), { recursive: true });
      for (const entry of readdirSync(join(site, 'models'), { withFileTypes: true })) {
        if (entry.isDirectory()) writeManifest(join(site, 'models', entry.name));
      }
    }),
  );
}

/** One HTML file with engine and model inside, that opens by double click. */
export async function buildSingleFile() {
  const script = join(root, 'tools/single_file.mjs');
  const inputs = ['build/js/bindings', 'web', 'tools/single_file.mjs', 'package-lock.json'];
  await whenChanged('single-file', inputs, [singleFile], () =>
    step('Writing the single HTML file', (progress) =>
      run(process.execPath, [script], { cwd: root, progress }),
    ),
  );
}

// A link that is there already stays; Windows wants 'junction' for folders.
function link(target, path) {
  if (existsSync(path)) return;
  rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, 'junction');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(() =>
    withToolchain(async (tools) => {
      await buildPackage(tools);
      await buildSite();
      await buildSingleFile();
      say(
        `\nThe package is in dist/, the site in build/site/, the single file is build/regard.html`,
      );
    }),
  );
}
