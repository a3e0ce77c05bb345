// SPDX-License-Identifier: MIT
// Sentences translated by another model, to train on beside the corpus. A teacher of the same direction gives
// (sentence, its translation): distillation [Kim and Rush 2016]; one of the other direction (its translation, sentence):
// back-translation [Sennrich et al. 2016].
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { whenChanged } from './fresh.mjs';
import { Trouble, step } from './log.mjs';
import { languagesOf, modelFolder } from './model.mjs';
import { buildNative } from './native.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';
import { toolchain } from './toolchain.mjs';

/**
 * Writes the pairs to `out`, a table with a header, unless they are there from the same teacher and sentences.
 *
 * teacher    a model's name or folder
 * sentences  lines of the teacher's source language, or a .tsv whose header names that language
 * direction  the languages of the model that is to be trained
 */
export async function teach({ teacher, sentences, direction, out }) {
  const folder = modelFolder(teacher);
  const { source, target } = languagesOf(folder);
  if (![source, target].includes(direction.source) || ![source, target].includes(direction.target))
    throw new Trouble(
      `${folder} translates ${source} to ${target}: no teacher of ${direction.source} to ${direction.target}.`,
    );
  const inputs = [join(folder, 'model.safetensors'), sentences].map((file) => relative(root, file));
  const name = `taught-${direction.source}-${direction.target}-by-${source}-${target}`;
  await whenChanged(name, inputs, [out], async () => {
    const lines = [...new Set(readSentences(sentences, source))];
    const program = join(
      await buildNative(await toolchain(), { targets: ['regard_translate'] }),
      'regard_translate',
    );
    const { stdout } = await step(
      `Translating ${lines.length} sentences with ${folder}`,
      (progress) => run(program, ['--model', folder], { input: lines.join('\n') + '\n', progress }),
    );
    const translations = stdout.split('\n');
    const order = source === direction.source ? (a, b) => [a, b] : (a, b) => [b, a];
    const rows = lines.map((line, i) => order(line, translations[i]).join('\t'));
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, [`${direction.source}\t${direction.target}`, ...rows, ''].join('\n'));
  });
}

function readSentences(file, language) {
  const lines = readFileSync(file, 'utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim());
  if (!lines.length) throw new Trouble(`${file} has no sentences.`);
  if (!file.endsWith('.tsv')) return lines.map((line) => line.replaceAll('\t', ' '));
  const column = lines[0].split('\t').indexOf(language);
  if (column < 0) throw new Trouble(`${file}:1: the header has no column ${language}.`);
  return lines
    .slice(1)
    .map((line) => line.split('\t')[column] ?? '')
    .filter((line) => line.trim());
}
