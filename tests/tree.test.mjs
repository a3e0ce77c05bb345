// SPDX-License-Identifier: MIT
// The tracked files: each names its licence, and none a machine or a server that is not the reader's.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../tools/paths.mjs';

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter(Boolean);
const read = (file) => readFileSync(join(root, file), 'utf8');
const isText = (file) =>
  /(\.(h|cpp|mjs|js|ts|py|txt|md|html|css|json|svg)|^\.[^/]*|^[A-Z]+|run)$/.test(file);

// The parts are joined here, so that this file does not find itself.
const machine = new RegExp(
  [
    ['/wo', 'rk/'],
    ['/tmp/', 'dev'],
    ['/ro', 'ot/'],
    ['/ho', 'me/[a-z]'],
  ]
    .map((part) => part.join(''))
    .join('|'),
);
const hosts = new RegExp(
  [
    ['registry\\.npm', 'js'],
    ['deb\\.deb', 'ian'],
    ['pypi\\.', 'org'],
  ]
    .map((part) => part.join(''))
    .join('|'),
);

test('tracked files name no machine and no registry', () => {
  assert.ok(tracked.length > 50);
  const bad = tracked
    .filter(isText)
    .filter((file) => machine.test(read(file)) || hosts.test(read(file)));
  assert.deepEqual(bad, []);
});

test('every source names its licence', () => {
  const sources = tracked.filter((file) => /\.(h|cpp|mjs|ts|py)$|CMakeLists\.txt$/.test(file));
  assert.deepEqual(
    sources.filter((file) => !read(file).slice(0, 200).includes('SPDX-License-Identifier: MIT')),
    [],
  );
});

test('long files say why they are long', () => {
  const sources = tracked.filter((file) => /\.(h|cpp|mjs|ts)$/.test(file));
  const long = sources.filter((file) => read(file).split('\n').length > 400);
  assert.deepEqual(
    long.filter((file) => !/\blong\b/i.test(read(file).slice(0, 1200))),
    [],
  );
});

test('nothing is left to do later', () => {
  const mark = new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X'].join(''));
  const sources = tracked.filter((file) => /\.(h|cpp|mjs|ts|py|css|html)$/.test(file));
  assert.deepEqual(
    sources.filter((file) => mark.test(read(file))),
    [],
  );
});

test('the repository stays small', () => {
  const bytes = tracked.reduce((sum, file) => sum + statSync(join(root, file)).size, 0);
  assert.ok(bytes < 100e6, `${bytes} bytes are tracked`);
});
