// SPDX-License-Identifier: MIT
// The ladder: every #include and import points strictly down, or within its own folder; and some things
// are said in one file only.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { test } from 'node:test';
import { root } from '../tools/paths.mjs';

// From the bottom up. Folders of one line know nothing of each other.
const ladder = [
  ['src/tensor'],
  ['src/io'],
  ['src/text'],
  ['src/kernels'],
  ['src/attention'],
  ['src/autograd'],
  ['src/layers'],
  ['src/models'],
  ['src/decoding'],
  ['src/training'],
  ['src/evaluation'],
  ['src/cli'],
  ['bindings/embind'],
  ['bindings/js'],
  ['web/elements'],
  ['web/site'],
];
// Beside the ladder: the reference knows the tensors only, and shipped code does not know it.
const reference = 'src/reference';

const folders = [...ladder.flat(), reference];
const level = (folder) => ladder.findIndex((rung) => rung.includes(folder));
const folderOf = (file) => folders.find((folder) => file.startsWith(`${folder}/`));

function mayUse(from, to) {
  if (from === to) return true;
  if (to === reference) return false;
  if (from === reference) return to === 'src/tensor';
  // The site and the elements know the package, never the C++ behind it.
  if (from.startsWith('web/'))
    return level(to) < level(from) && !to.startsWith('src/') && to !== 'bindings/embind';
  return level(to) < level(from);
}

/** The files that `text`, the content of `file`, includes or imports, as paths from the root. */
function uses(file, text) {
  if (/\.(h|cpp)$/.test(file)) {
    return matches(text, /^\s*#\s*include\s+"([^"]+)"/gm).map((path) =>
      folders.some((folder) => `src/${path}`.startsWith(`${folder}/`))
        ? `src/${path}`
        : posix.join(posix.dirname(file), path),
    );
  }
  const named = /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]/g;
  const bare = /(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g;
  return [named, bare, dynamic]
    .flatMap((pattern) => matches(text, pattern))
    .flatMap((path) => {
      if (path === 'regard' || path.startsWith('regard/')) return ['bindings/js/index.ts'];
      return path.startsWith('.') ? [posix.join(posix.dirname(file), path)] : [];
    });
}

/** What is wrong with one file, in sentences. */
function violations(file, text) {
  const from = folderOf(file);
  const found = [];
  for (const used of uses(file, text)) {
    const to = folderOf(used);
    if (to && !mayUse(from, to)) found.push(`${file} uses ${used}, which is not below it`);
  }
  for (const [what, pattern, home] of places) {
    if (!home.test(file) && pattern.test(withoutComments(text))) found.push(`${file} has ${what}`);
  }
  return found;
}

// What is said in one place only: a name for it, how to see it, and where it belongs.
const places = [
  [
    'an instruction set (src/kernels/simd.h, simd_bf16.h and simd_int8.h have them)',
    /\b_mm\d*_|\bwasm_[fiv]\d+x|\bwasm_simd128|immintrin|arm_neon|__AVX|__SSE|__ARM_NEON|__wasm_(?!init_tls)|xsimd/,
    /^src\/kernels\/simd(_bf16|_int8)?\.h$|\.ts$/,
  ],
  [
    'a catch (bindings/embind/guard.h has it)',
    /\bcatch\s*\(/,
    /^bindings\/embind\/guard\.h$|^src\/cli\/|\.ts$/,
  ],
  ['a macro (src/kernels/simd.h has them)', /^\s*#\s*define\b/m, /^src\/kernels\/simd\.h$|\.ts$/],
  [
    'output (the core never prints)',
    /std::c(out|err)|\bf?printf\s*\(|<iostream>/,
    /^src\/cli\/|\.ts$/,
  ],
  [
    'a JavaScript error (bindings/js/error.ts makes them)',
    /\bthrow new\b|\bnew \w*(Error|Exception)\(/,
    /^bindings\/js\/error\.ts$|^(?!bindings\/js\/)/,
  ],
  [
    'a feature test (bindings/js/features.ts has them)',
    /\btypeof (WebAssembly|caches|crypto|document|window|self|Worker|setImmediate)\b|WebAssembly\.validate/,
    /^bindings\/js\/features\.ts$|^(?!bindings\/js\/)/,
  ],
  [
    'a module of Node (files ending in .node.ts and the command have them)',
    /\bfrom 'node:|\bimport\('node:/,
    /^bindings\/js\/(\w+\.node|cli)\.ts$|^(?!bindings\/js\/)/,
  ],
];

function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

function matches(text, pattern) {
  return [...text.matchAll(pattern)].map((match) => match[1]);
}

function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(h|cpp|ts)$/.test(entry.name))
    .map((entry) =>
      relative(root, join(entry.parentPath ?? entry.path, entry.name))
        .split('\\')
        .join('/'),
    );
}

test('every include and import points down the ladder', () => {
  const files = folders.flatMap(sources);
  assert.ok(files.length > 50, `only ${files.length} sources were found`);
  assert.deepEqual(
    files.flatMap((file) => violations(file, readFileSync(join(root, file), 'utf8'))),
    [],
  );
});

test('every source folder stands on the ladder', () => {
  const found = ['src', 'bindings'].flatMap((top) =>
    readdirSync(join(root, top), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${top}/${entry.name}`),
  );
  assert.deepEqual(
    found.filter((folder) => !folders.includes(folder)),
    [],
  );
});

// Bundlers hang on a Worker that imports, through others, the module that starts it.
test('a Worker does not reach what starts it', () => {
  for (const entry of ['worker', 'worker.node']) {
    const reached = new Set([`bindings/js/${entry}.ts`]);
    for (const file of reached) {
      const text = readFileSync(join(root, file), 'utf8').replace(/^import type .*$/gm, '');
      for (const used of uses(file, text)) {
        if (used.endsWith('.js')) reached.add(used.replace(/\.js$/, '.ts'));
      }
    }
    assert.ok(reached.has('bindings/js/engine.ts'));
    assert.deepEqual(
      [...reached].filter((file) => /\/(spawn|client|load|index)\b/.test(file)),
      [],
    );
  }
});

test('planted violations are found', () => {
  const planted = [
    ['src/tensor/shape.cpp', '#include "kernels/softmax.h"'],
    ['src/layers/linear.cpp', '#include "models/model.h"'],
    ['src/kernels/softmax.cpp', '#include "reference/softmax.h"'],
    ['src/reference/softmax.h', '#include "kernels/simd.h"'],
    ['src/kernels/matmul.cpp', '__m256 x = _mm256_setzero_ps();'],
    ['src/models/folder.cpp', 'try { read(); } catch (const Error&) {}'],
    ['src/io/json.cpp', 'std::cout << 1;'],
    ['bindings/js/index.ts', "import { Heatmap } from '../../web/elements/heatmap.js';"],
    ['bindings/js/core.ts', "throw new ShapeError('tensor');"],
    ['bindings/js/core.ts', "if (typeof document === 'object') start();"],
    ['bindings/js/core.ts', "import { readFile } from 'node:fs/promises';"],
    ['web/elements/heatmap.ts', "import '../site/main.js';"],
    ['web/elements/heatmap.ts', "const core = await import('../../bindings/embind/core.js');"],
  ];
  for (const [file, text] of planted)
    assert.equal(violations(file, text).length, 1, `${file}: ${text}`);
  assert.deepEqual(
    violations('src/layers/linear.cpp', '#include "autograd/tape.h"\n#include <vector>'),
    [],
  );
  assert.deepEqual(
    violations('web/elements/heatmap.ts', "import type { Translation } from 'regard';"),
    [],
  );
});
