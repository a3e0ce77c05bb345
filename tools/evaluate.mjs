// SPDX-License-Identifier: MIT
// npm run evaluate -- en-zh dev.tsv: BLEU and chrF as sacreBLEU counts them, greedy and with four beams, by length.
import { Trouble, main } from './log.mjs';
import { devPairs, readArguments, runProgram } from './model.mjs';

const usage = `npm run evaluate -- <en-zh, or a model's folder> [<pairs.tsv>, or <sources> <references>]
  [--beams 1,4] [--length-penalty 0.8,1] [--worst <number>] [--sentences <out.tsv>] [--json <out.json>]
  [--source en --target zh] [--threads <number>] [--precision int8]
A table has a source and its reference a line, in the columns that its header names, or in the first two.`;

await main(async () => {
  const { folder, files, languages, values } = readArguments(usage, [
    'beams',
    'length-penalty',
    'worst',
    'sentences',
    'json',
    'threads',
    'precision',
  ]);
  const [pairs = devPairs(languages), references, more] = files;
  if (!pairs || more) throw new Trouble(usage);
  await runProgram('regard_evaluate', {
    model: folder,
    ...languages,
    pairs,
    references,
    ...values,
  });
});
