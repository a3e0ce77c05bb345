// SPDX-License-Identifier: MIT
// Engines to race in: each a process of its own with a function call(name, ...values), which runs a function of
// host.mjs there, and close().
import { fork } from 'node:child_process';
import { mkdirSync, symlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, root } from '../../tools/paths.mjs';
import { serve } from '../../tools/serve.mjs';

/** What measuring makes. */
export const made = join(build, 'bench');

/** A Node process with these flags. */
export async function nodeSession({ flags = [] }) {
  const child = fork(join(root, 'tests/bench/node.mjs'), [], { execArgv: flags });
  const call = (...message) =>
    new Promise((resolve, reject) => {
      const died = (code) => reject(new Error(`Node ended with ${code}`));
      child.once('exit', died);
      child.once('message', ({ result, error }) => {
        child.off('exit', died);
        if (error) reject(new Error(error));
        else resolve(result);
      });
      child.send(message);
    });
  const entry = (folder) => pathToFileURL(join(folder, 'index.node.js')).href;
  const models = pathToFileURL(join(root, 'web/models')).href;
  const version = `Node ${process.versions.node}`;
  return { call, entry, models, version, close: async () => void child.kill() };
}

/**
 * A page in a headless Chromium: cross-origin isolated, for threads and a clock of 5 µs.
 * @param flags of V8
 */
export async function chromiumSession({ flags = [], executablePath }) {
  await bundle();
  const headers = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  };
  const { server, url } = await serve(root, 0, headers);
  const browser = await launched({ flags, executablePath });
  const page = await browser.newPage();
  await page.goto(`${url}tests/bench/empty.html`);
  const call = (...message) =>
    page.evaluate(async ([name, ...values]) => {
      const host = await import('/tests/bench/host.mjs');
      return host[name](...values);
    }, message);
  const close = async () => {
    await browser.close();
    server.close();
    server.closeAllConnections();
  };
  const version = `Chromium ${browser.version()}`;
  const entry = (folder) => `${linked(folder, url)}index.js`;
  return { call, entry, models: `${url}web/models/`, url, version, close };
}

/** A headless Chromium with these flags of V8. */
export async function launched({ flags = [], executablePath }) {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
      ...(flags.length ? [`--js-flags=${flags.join(',')}`] : []),
    ],
  });
}

// Other folders than the clone's own are reached by a link in it.
function linked(folder, url) {
  if (folder.startsWith(`${root}/`)) return `${url}${folder.slice(root.length + 1)}/`;
  const name = Buffer.from(folder).toString('hex');
  const link = join(made, name);
  mkdirSync(made, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(folder, link, 'junction');
  return `${url}build/bench/${name}/`;
}

// What a page cannot import as it lies in node_modules.
async function bundle() {
  const { build: esbuild } = await import('esbuild');
  for (const [name, file] of [
    ['@litertjs/core', 'litert'],
    ['flatbuffers', 'flatbuffers'],
  ]) {
    await esbuild({
      stdin: { contents: `export * from '${name}';`, resolveDir: root },
      outfile: join(made, `${file}.js`),
      bundle: true,
      format: 'esm',
      target: 'es2022',
      logLevel: 'error',
    });
  }
}
