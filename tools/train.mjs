// SPDX-License-Identifier: MIT
// npm run train -- en-zh (or zh-en, en-fr): corpus, vocabularies, native trainer, training.
// Interrupted, it goes on from its last checkpoint.
import { copyFileSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Trouble, main, say, step } from './log.mjs';
import { buildNative } from './native.mjs';
import { build, root } from './paths.mjs';
import { python } from './python.mjs';
import { run, watch } from './run.mjs';
import { teach } from './teach.mjs';
import { toolchain } from './toolchain.mjs';

const usage = `npm run train -- <en-zh, zh-en or en-fr> [--corpus <folder or cmn-eng.zip>] [--out <folder>] [--config <settings.json>]
  [--names <share of pairs to repeat under other names>] [--teacher <model> --sentences <lines.txt or table.tsv>]
  [-- <options of the trainer>]`;

// The lists of manythings.org by the name of the corpus; both directions are trained from one.
const lists = { 'en-zh': 'cmn-eng.zip', 'en-fr': 'fra-eng.zip' };

// What the trainer ends with when it was asked to stop: it saved, and said so.
const stopped = 130;

async function train() {
  const { values, positionals } = readArguments();
  const [name, ...passed] = positionals;
  if (!name) throw new Trouble(usage);
  if (!lists[sharedName(name)]) throw new Trouble(`There is no corpus for ${name}. ${usage}`);
  const config = resolve(values.config ?? join(root, `tools/${name}.train.json`));
  if (!existsSync(config)) throw new Trouble(`There is no ${config}. ${usage}`);

  const data = join(build, 'corpus', name);
  const out = resolve(values.out ?? join(root, 'web/models', name));
  const corpus = corpusOf(name, values.corpus);
  const also = await taught(name, values);
  await prepare(name, { corpus, also, names: values.names, out: data });
  const folder = await buildNative(await toolchain(), { targets: ['regard_train'] });

  say('• Training; Ctrl+C stops it, and the same command goes on');
  const options = ['--config', config, '--data', data, '--out', out, ...passed];
  const code = await watch(join(folder, 'regard_train'), options);
  if (code === stopped) return code;
  if (code)
    throw new Trouble(
      `The trainer ended (${code}); the same command goes on from what it saved, once nothing is in its way.`,
    );
  copyFileSync(join(data, 'contributors.txt'), join(out, 'contributors.txt'));
  await align(name, out);
  const code8 = await watch(process.execPath, [join(root, 'tools/quantize.mjs'), out]);
  if (code8) throw new Trouble(`tools/quantize.mjs stopped (${code8}).`);
}

// Which heads tie words together, for the page to open with, where there are pairs to tell it by.
async function align(name, out) {
  const [source, target] = name.split('-');
  if (!existsSync(join(root, `tools/gold.${sharedName(name)}.tsv`))) return;
  const options = [out, '--source', source, '--target', target];
  const code = await watch(process.execPath, [join(root, 'tools/align.mjs'), ...options]);
  if (code) throw new Trouble(`tools/align.mjs stopped (${code}).`);
}

function readArguments() {
  const names = ['corpus', 'out', 'config', 'names', 'teacher', 'sentences'];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new Trouble(`${error.message.split('. ')[0]}. ${usage}`);
  }
}

// Both directions of en-zh have the corpus of that name.
function sharedName(name) {
  return name.split('-').sort().join('-');
}

function corpusOf(name, given) {
  const shared = sharedName(name);
  const corpus = given ? resolve(given) : resolve(root, '../shared/corpus', shared);
  if (existsSync(corpus)) return corpus;
  throw new Trouble(
    `There is no corpus at ${corpus}: download ${lists[shared]} from https://www.manythings.org/anki/ and name it with --corpus.`,
  );
}

// What another model makes of further sentences, if one is to teach.
async function taught(name, { teacher, sentences }) {
  if (!teacher && !sentences) return undefined;
  if (!teacher || !sentences) throw new Trouble(`--teacher and --sentences go together. ${usage}`);
  const file = resolve(sentences);
  if (!existsSync(file)) throw new Trouble(`There is no ${file}.`);
  const [source, target] = name.split('-');
  const out = join(build, 'corpus', `${name}.taught.tsv`);
  await teach({ teacher, sentences: file, direction: { source, target }, out });
  return out;
}

// It takes seconds and gives the same files every time, so it is done anew rather than trusted.
async function prepare(name, options) {
  const interpreter = await python();
  const script = join(root, 'tools/prepare.py');
  const words = Object.entries(options).flatMap(([key, value]) =>
    value ? [`--${key}`, value] : [],
  );
  const { stdout } = await step('Preparing the corpus', (progress) =>
    run(interpreter, [script, name, ...words], { progress }),
  );
  say(stdout.trimEnd().replace(/^/gm, '    '));
}

await main(train);
