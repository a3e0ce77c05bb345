// SPDX-License-Identifier: MIT
// npm run align -- en-zh: which layer and head ties words that mean each other, as alignment error against pairs that
// were aligned by hand; the best one goes into the model's config.json, for a page to show it first.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alignmentHeads, withAlignmentHeads } from './alignment.mjs';
import { Trouble, main, say } from './log.mjs';
import { devPairs, ownPairs, readArguments, runProgram } from './model.mjs';
import { build } from './paths.mjs';

const usage = `npm run align -- <en-zh, or a model's folder> [<pairs.tsv with Tom in some>]
  [--gold <pairs aligned by hand>] [--json <out.json>] [--source en --target zh] [--threads <number>]`;

await main(async () => {
  const { folder, files, languages, values } = readArguments(usage, ['gold', 'json', 'threads']);
  mkdirSync(build, { recursive: true });
  const {
    gold = ownPairs('gold', languages),
    json = join(build, 'align.json'),
    ...others
  } = values;
  const [pairs = devPairs(languages), more] = files;
  if (more) throw new Trouble(usage);
  await runProgram('regard_align', { model: folder, ...languages, gold, pairs, json, ...others });

  const file = join(folder, 'config.json');
  const text = readFileSync(file, 'utf8');
  const { best } = JSON.parse(readFileSync(json, 'utf8'));
  const heads = alignmentHeads(best, JSON.parse(text));
  writeFileSync(file, withAlignmentHeads(text, heads));
  say(`${file} has alignment_heads ${JSON.stringify(heads)}.`);
});
