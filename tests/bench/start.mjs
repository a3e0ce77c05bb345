// SPDX-License-Identifier: MIT
// How long it takes from the first line to the first result, in a fresh process or page each time, and how
// many bytes travel for it.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { root } from '../../tools/paths.mjs';
import { serve } from '../../tools/serve.mjs';
import { launched, made } from './sessions.mjs';
import { median } from './race.mjs';

const times = 9;

// Imports, loads, attends, and prints how long that took.
const firstResult = async (entry) => {
  const begin = performance.now();
  const { load } = await import(entry);
  const regard = await load();
  const rows = { shape: [1, 1, 4, 8], data: new Float32Array(32).fill(0.5) };
  const { output } = regard.attention(rows, rows, rows);
  if (output.data[0] !== 0.5) throw new Error('wrong');
  return performance.now() - begin;
};

/** Milliseconds in Node: { ms }. */
export function startInNode(folder, flags) {
  const entry = pathToFileURL(join(folder, 'index.node.js')).href;
  const code = `console.log(await (${firstResult})(${JSON.stringify(entry)})); process.exit()`;
  const args = [...flags, '--input-type=module', '--eval', code];
  const once = () => Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  once(); // from the disk
  return { ms: middle(Array.from({ length: times }, once)) };
}

/** Milliseconds in a page without isolation: bundled as pages ship it, and module by module. */
export async function startInChromium(folder, executablePath) {
  const bundled = await bundle(folder);
  const browser = await launched({ executablePath });
  const found = {};
  for (const [name, place] of [
    ['ms', bundled],
    ['unbundled', folder],
  ]) {
    const { server, url } = await serve(place, 0);
    const all = [];
    for (let i = 0; i <= times; ++i) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.route('**/empty.html', (route) =>
        route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
      );
      await page.goto(`${url}empty.html`);
      all.push(await page.evaluate(firstResult, `${url}index.js`));
      await context.close();
    }
    server.close();
    server.closeAllConnections();
    found[name] = middle(all.slice(1));
  }
  await browser.close();
  return found;
}

/**
 * gzip's bytes: the wasm file with the JavaScript around it, and all JavaScript of a page that bundles it; and
 * those of the translator's 8-bit weights, where there are some.
 */
export async function sizes(folder) {
  const bundled = await bundle(folder);
  const gzipped = (path) => gzipSync(readFileSync(path), { level: 9 }).length;
  const wasm = gzipped(join(folder, 'regard-simd.wasm'));
  const glue = gzipped(join(folder, 'regard-simd.mjs'));
  const own = readdirSync(bundled).filter((file) => /^(index|chunk|regard-simd).*\.js$/.test(file));
  const javascript = own.reduce((sum, file) => sum + gzipped(join(bundled, file)), 0);
  const int8 = join(root, 'web/models/en-zh/model.int8.safetensors');
  return { wasm, glue, javascript, int8: existsSync(int8) ? statSync(int8).size : undefined };
}

async function bundle(folder) {
  const { build } = await import('esbuild');
  const outdir = join(made, 'start');
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({
    entryPoints: [join(folder, 'index.js')],
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
  for (const file of readdirSync(folder)) {
    if (/^regard-(?!lab).*\.wasm$/.test(file)) copyFileSync(join(folder, file), join(outdir, file));
  }
  return outdir;
}

const middle = (values) => median(values.sort((a, b) => a - b));
