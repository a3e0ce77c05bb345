// SPDX-License-Identifier: MIT
// The site: pages of web/site, on the compiled package of build/js (where the wasm files lie beside it).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { shippedModels } from './tools/model.mjs';

const here = import.meta.dirname;
const site = join(here, 'web/site');
const pages = readdirSync(site, { recursive: true }).filter((name) => name.endsWith('.html'));

export default defineConfig({
  root: site,
  base: './',
  cacheDir: join(here, 'build/vite'),
  resolve: {
    alias: [{ find: /^regard$/, replacement: join(here, 'build/js/bindings/js/index.js') }],
  },
  worker: { format: 'es' },
  define: { MODELS: JSON.stringify(shippedModels()) },
  build: {
    outDir: join(here, 'build/site'),
    emptyOutDir: true,
    target: 'es2022',
    // the wasm files stay files of their own: they are cached and compiled while they arrive
    assetsInlineLimit: 0,
    rolldownOptions: { input: pages.map((name) => join(site, name)) },
  },
});
