// SPDX-License-Identifier: MIT
// npm run align -- en-zh: which layer and head ties words that mean each other, as alignment error against pairs that
// were aligned by hand; the best one goes into the model's regard.json, for a page to show it first.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Trouble, main } from './log.mjs';
import { devPairs, readArguments, runProgram } from './model.mjs';
import { root } from './paths.mjs';

const usage = `npm run align -- <en-zh, or a model's folder> [<pairs.tsv with Tom in some>]
  [--gold <pairs aligned by hand>] [--out <regard.json>] [--json <out.json>] [--source en --target zh] [--threads <number>]`;

await main(async () => {
  const { folder, files, languages, values } = readArguments(usage, [
    'gold',
    'out',
    'json',
    'threads',
  ]);
  const { source, target } = languages;
  const golds = [`${source}-${target}`, `${target}-${source}`].map((name) =>
    join(root, `tools/gold.${name}.tsv`),
  );
  const { gold = golds.find(existsSync), out = join(folder, 'regard.json'), ...others } = values;
  if (!gold) throw new Trouble(`There are no pairs aligned by hand at ${golds.join(' or ')}.`);
  const [pairs = devPairs(languages), more] = files;
  if (more) throw new Trouble(usage);
  await runProgram('regard_align', { model: folder, ...languages, gold, pairs, out, ...others });
});
