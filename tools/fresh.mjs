// SPDX-License-Identifier: MIT
// Skips a step of the build when what goes into it has not changed since it last succeeded.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build, root } from './paths.mjs';

const marks = join(build, 'done');

/**
 * Runs `work` unless it succeeded before with the same `inputs` (files and folders, from the root)
 * and all `outputs` are still there. Returns whether it ran.
 */
export async function whenChanged(name, inputs, outputs, work) {
  const mark = join(marks, name);
  const wanted = fingerprint(inputs);
  const isDone = existsSync(mark) && readFileSync(mark, 'utf8') === wanted;
  if (isDone && outputs.every((output) => existsSync(output))) return false;
  rmSync(mark, { force: true });
  await work();
  mkdirSync(marks, { recursive: true });
  writeFileSync(`${mark}.new`, wanted);
  renameSync(`${mark}.new`, mark);
  return true;
}

// Names, sizes and times of change tell what reading every file would.
function fingerprint(inputs) {
  const hash = createHash('sha256').update(process.version);
  for (const input of inputs) {
    for (const file of files(join(root, input))) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${file}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

function files(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => files(join(path, entry.name)));
}
