// SPDX-License-Identifier: MIT
// What the scripts about a model promise: it is found by name, its languages are told from it, and what measures it is
// not among what it was trained on.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { devPairs, languagesOf, modelFolder } from '../tools/model.mjs';
import { root } from '../tools/paths.mjs';
import { run } from '../tools/run.mjs';

const temporary = mkdtempSync(join(tmpdir(), 'regard-'));
after(() => rmSync(temporary, { recursive: true }));

test('a model goes by its name or by its path', () => {
  assert.equal(modelFolder('en-zh'), join(root, 'web/models/en-zh'));
  const folder = join(temporary, 'mine-zh-en');
  mkdirSync(folder);
  assert.throws(() => modelFolder(folder), /There is no model .*mine-zh-en has config\.json/);
  writeFileSync(join(folder, 'config.json'), '{}');
  assert.equal(modelFolder(folder), folder);
});

test('its languages are said with it, or in its folder, or are those that its name ends with', () => {
  const found = (...given) => Object.values(languagesOf(...given)).join(' to ');
  assert.equal(found('/models/en-zh'), 'en to zh');
  assert.equal(found('opus-mt-zh-en'), 'zh to en');
  assert.equal(found('en-zh', { target: 'yue' }), 'en to yue');
  assert.equal(found('best', { source: 'en', target: 'fr' }), 'en to fr');
  assert.throws(() => languagesOf('best'), /Say the languages of best: --source en --target zh/);
  assert.throws(() => languagesOf('model-en-zh-tiny'), /Say the languages/);

  const folder = join(temporary, 'best-en-zh');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'tokenizer_config.json'),
    '{"source_lang": "zh", "target_lang": "en"}',
  );
  assert.equal(found(folder), 'zh to en');
  assert.equal(found(folder, { source: 'yue' }), 'yue to en');
  writeFileSync(join(folder, 'tokenizer_config.json'), '{"source_lang": null}');
  assert.equal(found(folder), 'en to zh');
});

test('both directions are tried on the same pairs', () => {
  const pairs = devPairs({ source: 'zh', target: 'en' });
  assert.equal(pairs, devPairs({ source: 'en', target: 'zh' }));
  assert.equal(devPairs({ source: 'xx', target: 'yy' }), undefined);
});

test('the scripts say how they are called', async () => {
  for (const [script, words, expected] of [
    ['evaluate', [], /npm run evaluate -- <en-zh/],
    ['evaluate', ['en-zh', '--beam', '4'], /Unknown option '--beam'\. npm run evaluate/],
    ['evaluate', ['en-zh', 'a', 'b', 'c'], /npm run evaluate -- <en-zh/],
    ['evaluate', ['no-model'], /There is no model no-model/],
    ['card', ['en-zh', 'a'], /npm run card -- <en-zh/],
    ['plot', [], /npm run plot -- <name/],
    ['plot', ['no-log'], /There is no log of no-log/],
    ['train', [], /npm run train -- <en-zh/],
    ['train', ['de-fr'], /There is no corpus for de-fr\. npm run train/],
    ['train', ['zh-en', '--corpus', '/no list'], /no corpus at \/no list: download cmn-eng\.zip/],
    [
      'train',
      ['en-zh', '--corpus', '.', '--teacher', 'zh-en'],
      /--teacher and --sentences go together/,
    ],
    ['quantize', [], /npm run quantize -- <en-zh/],
    ['quantize', ['en-zh', '--of', 'x'], /Unknown option '--of'\. npm run quantize/],
    ['align', [], /npm run align -- <en-zh/],
    ['align', ['en-zh', 'a', 'b'], /npm run align -- <en-zh/],
    [
      'align',
      ['en-zh', '--target', 'fr'],
      /There are no pairs aligned by hand at .*gold\.en-fr\.tsv/,
    ],
  ]) {
    const program = join(root, `tools/${script}.mjs`);
    const { code, output } = await run(process.execPath, [program, ...words], {
      allowFailure: true,
    });
    assert.equal(code, 1, output);
    assert.match(output, expected);
    assert.doesNotMatch(output, /^\s+at /m, 'a stack');
  }
});

// Two sentences are the same if their letters and digits are.
const key = (sentence) => sentence.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

function sentences(name) {
  const [header, ...rows] = readFileSync(join(root, 'tools', name), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.split('\t'));
  const sides = ['en', 'zh'].map((language) => header.indexOf(language));
  return rows.map((row) => sides.map((side) => row[side]));
}

const trainedOn = ['pairs.en-zh.tsv', 'everyday.en-zh.tsv'].map(sentences);

for (const [name, count] of [
  ['gold.en-zh.tsv', 100],
  ['held.en-zh.tsv', 300],
]) {
  test(`nothing is trained on ${name}`, () => {
    const known = new Set(trainedOn.flat(2).map(key));
    const measured = sentences(name);
    assert.equal(measured.length, count);
    assert.deepEqual(
      measured.filter((pair) => pair.some((sentence) => known.has(key(sentence)))),
      [],
    );
  });
}
