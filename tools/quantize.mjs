// SPDX-License-Identifier: MIT
// npm run quantize -- en-zh: writes the model's matrices as 8-bit numbers, model.int8.safetensors beside
// model.safetensors: half of its bytes, and what a translator reads that is asked for with `precision: 'int8'`.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Trouble, main } from './log.mjs';
import { modelFolder, runProgram } from './model.mjs';

const usage = `npm run quantize -- <en-zh, or a model's folder> [--out <file.safetensors>]`;

await main(async () => {
  const { name, out } = readArguments();
  const model = modelFolder(name);
  const floats = readFileSync(join(model, 'model.safetensors'));
  // kept in the file, so that a test notices floats that were changed since
  const of = createHash('sha256').update(floats).digest('hex');
  await runProgram('regard_quantize', { model, of, out: out && resolve(out) });
});

function readArguments() {
  let found;
  try {
    found = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
  } catch (error) {
    throw new Trouble(`${error.message.split('. ')[0]}. ${usage}`);
  }
  const [name, ...others] = found.positionals;
  if (!name || others.length) throw new Trouble(usage);
  return { name, ...found.values };
}
