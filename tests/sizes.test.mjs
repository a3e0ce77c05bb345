// SPDX-License-Identifier: MIT
// Budgets of what a reader downloads; the sizes are printed, so that a change shows in both directions.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { shippedModels } from '../tools/model.mjs';
import { packageFolder, root, singleFile, wasmModules } from '../tools/paths.mjs';

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const gzipped = (path) => gzipSync(readFileSync(path), { level: 9 }).length;

for (const [name, budget] of [
  ['simd', 150_000],
  ['relaxed', 155_000],
  ['lab-simd', 240_000],
  ['lab-relaxed', 245_000],
  ['threads-simd', 155_000],
  ['threads-relaxed', 160_000],
  ['lab-threads-simd', 245_000],
  ['lab-threads-relaxed', 250_000],
]) {
  test(`the core regard-${name} with its JavaScript is at most ${kilobytes(budget)} compressed`, () => {
    const wasm = gzipped(join(packageFolder, `regard-${name}.wasm`));
    const glue = gzipped(join(packageFolder, `regard-${name}.mjs`));
    console.log(`regard-${name}: wasm ${kilobytes(wasm)} + js ${kilobytes(glue)} gzip`);
    assert.ok(wasm + glue <= budget, `${wasm + glue} bytes`);
  });
}

for (const name of shippedModels()) {
  const folder = join(root, 'web/models', name);
  const int8 = 'model.int8.safetensors';
  const files = readdirSync(folder);

  test(`the translator ${name} is at most 20 MB`, () => {
    const bytes = files
      .filter((file) => file !== int8)
      .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    console.log(`web/models/${name}: ${kilobytes(bytes)}`);
    assert.ok(bytes > 1e6 && bytes <= 20e6, `${bytes} bytes`);
  });

  test(`its weights in int8, where they are kept, are at most 10 MB`, () => {
    if (!files.includes(int8)) return;
    const bytes = statSync(join(folder, int8)).size;
    console.log(`web/models/${name}/${int8}: ${kilobytes(bytes)}`);
    assert.ok(bytes > 1e6 && bytes <= 10e6, `${bytes} bytes`);
  });
}

test('no generated module evaluates text as code', () => {
  for (const name of wasmModules) {
    assert.doesNotMatch(
      readFileSync(join(packageFolder, `${name}.mjs`), 'utf8'),
      /\beval\(|new Function\(/,
    );
  }
});

test('the single file holds engine and model and asks no server', () => {
  const text = readFileSync(singleFile, 'utf8');
  console.log(`regard.html: ${kilobytes(text.length)}`);
  assert.ok(text.length > 1e6);
  assert.doesNotMatch(text, /<(script|link|img)[^>]+(src|href)=["']?https?:/);
});
