// SPDX-License-Identifier: MIT
// CMakeLists.txt names its files by hand: none may be forgotten, for a test that is not built cannot fail.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { root } from '../tools/paths.mjs';

const text = readFileSync(join(root, 'CMakeLists.txt'), 'utf8').replace(/#.*/g, '');
const lists = [...text.matchAll(/\bsources\(\w+ (\S+) ([^)]*)\)/g)].flatMap(([, folder, names]) =>
  names.split(/\s+/).map((name) => `${folder}/${name}.cpp`),
);
const listed = new Set([...lists, ...(text.match(/[\w./-]+\.cpp\b/g) ?? [])]);

function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.cpp'))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
}

for (const folder of ['src', 'bindings/embind', 'tests']) {
  test(`every .cpp file of ${folder} is built`, () => {
    const found = sources(folder);
    assert.ok(found.length > 0);
    assert.deepEqual(
      found.filter((file) => !listed.has(file.split('\\').join('/'))),
      [],
    );
  });
}
