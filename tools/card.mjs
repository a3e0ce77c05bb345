// SPDX-License-Identifier: MIT
// npm run card -- en-zh: writes the figures of a model's card, its README.md, between `<!-- figures -->` and
// `<!-- end of figures -->`: scores on dev and on pairs held back, what aligns words, ten good and ten bad translations.
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trouble, main, say } from './log.mjs';
import { devPairs, ownPairs, readArguments, runProgram } from './model.mjs';
import { build } from './paths.mjs';

const usage = `npm run card -- <en-zh, or a model's folder> [--source en --target zh]`;
const opening = '<!-- figures: npm run card -->';
const closing = '<!-- end of figures -->';
const examples = 10;
const quantized = 'model.int8.safetensors';

await main(async () => {
  const { folder, files, languages } = readArguments(usage, []);
  const dev = devPairs(languages);
  if (files.length) throw new Trouble(usage);
  if (!dev)
    throw new Trouble('The figures are of dev.tsv in ../shared/corpus, and it is not there.');
  const held = ownPairs('held', languages);
  const gold = ownPairs('gold', languages);
  const card = join(folder, 'README.md');
  const text = existsSync(card) ? readFileSync(card, 'utf8') : '';
  const [begin, end] = [text.indexOf(opening), text.indexOf(closing)];
  if (begin < 0 || end < begin)
    throw new Trouble(`${card} has no lines ${opening} and ${closing}.`);

  const scratch = join(build, 'card');
  mkdirSync(scratch, { recursive: true });
  const at = (name) => join(scratch, name);
  const asked = { model: folder, ...languages };
  await runProgram('regard_evaluate', { ...asked, pairs: dev, json: at('dev.json') });
  await runProgram('regard_evaluate', {
    ...asked,
    pairs: held,
    json: at('held.json'),
    sentences: at('held.tsv'),
  });
  const int8 = existsSync(join(folder, quantized)) ? at('int8.json') : undefined;
  if (int8) {
    const precision = { precision: 'int8', beams: '4' };
    await runProgram('regard_evaluate', { ...asked, ...precision, pairs: dev, json: int8 });
  }
  await runProgram('regard_align', { ...asked, gold, pairs: dev, json: at('align.json') });

  const figures = [
    size(folder),
    scores('The development set', json(at('dev.json'))),
    ...(int8 ? [inInt8(folder, json(at('dev.json')), json(int8))] : []),
    scores('Our own pairs that were held back', json(at('held.json'))),
    alignment(json(at('align.json'))),
    translations(at('held.tsv')),
  ];
  const written = `${opening}\n\n${figures.join('\n\n')}\n\n${text.slice(end)}`;
  writeFileSync(card, text.slice(0, begin) + written);
  say(`${card} has the figures of today.`);
});

function json(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function size(folder) {
  const parts = readdirSync(folder).filter((name) => /\.(json|safetensors|spm)$/.test(name));
  const bytes = parts
    .filter((name) => name !== 'manifest.json' && name !== quantized)
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  return `What a page downloads: ${(bytes / 1e6).toFixed(2)} MB.`;
}

function inInt8(folder, dev, int8) {
  const [floats, whole] = [dev.searches[1], int8.searches[0]].map(({ scores }) => scores[0]);
  const bytes = statSync(join(folder, quantized)).size;
  const loss = floats.bleu - whole.bleu;
  return `With \`precision: 'int8'\` the weights are \`${quantized}\`, ${(bytes / 1e6).toFixed(2)} MB: BLEU ${whole.bleu.toFixed(2)} and chrF ${whole.chrf.toFixed(2)} on the same
sentences, ${Math.abs(loss).toFixed(2)} BLEU ${loss < 0 ? 'more' : 'less'} than in floats.`;
}

// A row a class of length: sentences, then BLEU and chrF of the greedy search and of beams.
function scores(title, { loss, pairs, tokenization, wordsOf, searches }) {
  const [greedy, beam] = searches;
  const rows = greedy.scores.map(({ name, sentences, bleu, chrf }, i) => {
    const wide = beam.scores[i];
    const numbers = [wide.bleu, wide.chrf, bleu, chrf].map((score) => score.toFixed(1));
    return `| ${name} | ${sentences.toLocaleString('en')} | ${numbers.join(' | ')} |`;
  });
  const { length } = beam.scores[0];
  return `### ${title}

${pairs.toLocaleString('en')} sentences, ${loss.toFixed(3)} nats a target token; BLEU by sacreBLEU's words of \`${tokenization}\`, chrF2. The output of
beam search is ${length.toFixed(2)} of the references' length. Classes by the words of the ${wordsOf}.

| words | sentences | BLEU, beam ${beam.beams} | chrF, beam ${beam.beams} | BLEU, greedy | chrF, greedy |
|---|---|---|---|---|---|
${rows.join('\n')}`;
}

function alignment({ pairs, named, best, heads }) {
  const chosen = heads.find(
    ({ alignment: { layer, head } }) => layer === best.layer && head === best.head,
  );
  const name = best.head === null ? 'the mean of the heads' : `head ${best.head + 1}`;
  return `### Alignment

On half of ${pairs} pairs that were aligned by hand, ${name} of decoder layer ${best.layer + 1} aligns words best; on the other half its
alignment error rate [Och and Ney 2003] is ${chosen.reporting.toFixed(3)} (precision ${chosen.precision.toFixed(2)}, recall ${chosen.recall.toFixed(2)} on all). Of ${named} development pairs with
Tom and 汤姆 it ties the two in ${chosen.plainNames}. The page begins with it.`;
}

// The rule: of the pairs held back, those whose translation has the highest chrF, and those with the lowest; of equal ones
// those that come first in the table, where the least expected references do.
function translations(path) {
  const rows = readFileSync(path, 'utf8')
    .replace(/\n$/, '')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .sort((a, b) => Number(b[1]) - Number(a[1]));
  const table = (chosen) =>
    ['| source | reference | translation | chrF |', '|---|---|---|---|']
      .concat(
        chosen.map(
          ([, chrf, ...cells]) =>
            `| ${cells.map(escape).join(' | ')} | ${Number(chrf).toFixed(0)} |`,
        ),
      )
      .join('\n');
  return `### Ten good translations and ten bad ones

Of our own pairs that were held back, the ${examples} whose translation by beam search has the highest chrF against the reference (of equal ones,
those whose reference the model expected least):

${table(rows.slice(0, examples))}

and the ${examples} with the lowest:

${table(rows.slice(-examples).reverse())}`;
}

function escape(text) {
  return text.replaceAll('|', '\\|');
}
