// SPDX-License-Identifier: MIT
// The models of web/models: each is whole, and says its languages as its name does.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { languagesOf, modelFolder, shippedModels } from '../tools/model.mjs';

const names = shippedModels();

test('the page has a model to begin with', () => {
  assert.ok(names.includes('en-zh'), names.join());
});

for (const name of names) {
  const folder = modelFolder(name);
  const json = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));

  test(`${name} is whole, with a card`, () => {
    const files = readdirSync(folder);
    const needed = ['README.md', 'generation_config.json', 'source.spm', 'target.spm'];
    assert.deepEqual(
      [...needed, 'tokenizer_config.json', 'vocab.json'].filter((file) => !files.includes(file)),
      [],
    );
  });

  test(`${name} in int8 is of the floats beside it`, () => {
    const file = join(folder, 'model.int8.safetensors');
    if (!existsSync(file)) return;
    const bytes = readFileSync(file);
    const header = bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE()));
    const { quantization, source } = JSON.parse(header.toString('utf8')).__metadata__;
    const floats = readFileSync(join(folder, 'model.safetensors'));
    assert.equal(quantization, 'int8');
    assert.equal(
      source,
      createHash('sha256').update(floats).digest('hex'),
      `npm run quantize -- ${name} makes it anew`,
    );
  });

  test(`${name} says its languages as its name does`, () => {
    const { source_lang: source, target_lang: target } = json('tokenizer_config.json');
    assert.equal(`${source}-${target}`, name);
    assert.deepEqual(languagesOf(folder), { source, target });
  });
}
