// SPDX-License-Identifier: MIT
// The sizes and sums of a model's files, by which a page knows what it downloads and keeps it.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const parts = /\.(json|safetensors|spm)$/;

/** Writes manifest.json into a model's folder. */
export function writeManifest(folder) {
  const names = readdirSync(folder).filter((name) => parts.test(name) && name !== 'manifest.json');
  const files = Object.fromEntries(
    names.sort().map((name) => [name, describe(join(folder, name))]),
  );
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify({ files }, undefined, 2)}\n`);
}

function describe(file) {
  const bytes = readFileSync(file);
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
