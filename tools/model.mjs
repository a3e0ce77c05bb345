// SPDX-License-Identifier: MIT
// A trained model by its name: the folder, its two languages, sentences to try it on, and the native programs that do.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Trouble } from './log.mjs';
import { buildNative } from './native.mjs';
import { root } from './paths.mjs';
import { watch } from './run.mjs';
import { toolchain } from './toolchain.mjs';

/** The names of those in web/models that are whole, `en-zh` before `zh-en`. */
export function shippedModels() {
  const models = join(root, 'web/models');
  const isWhole = (name) =>
    ['config.json', 'model.safetensors'].every((file) => existsSync(join(models, name, file)));
  return readdirSync(models).filter(isWhole).sort();
}

/** `en-zh` is web/models/en-zh; all else is a folder's path. */
export function modelFolder(name) {
  const folders = [join(root, 'web/models', name), resolve(name)];
  const found = folders.find((folder) => existsSync(join(folder, 'config.json')));
  if (found) return found;
  throw new Trouble(`There is no model ${name}: neither ${folders.join(' nor ')} has config.json.`);
}

/**
 * The languages of a model, unless they are given: those of its tokenizer_config.json, or those that its folder's name
 * ends with, as `en-zh` and `opus-mt-en-zh` do.
 */
export function languagesOf(folder, given = {}) {
  const file = join(folder, 'tokenizer_config.json');
  const said = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const [, source, target] = /(?:^|-)([a-z]{2,3})-([a-z]{2,3})$/.exec(basename(folder)) ?? [];
  const languages = {
    source: given.source ?? said.source_lang ?? source,
    target: given.target ?? said.target_lang ?? target,
  };
  if (languages.source && languages.target) return languages;
  throw new Trouble(`Say the languages of ${folder}: --source en --target zh.`);
}

/** The pairs that the shared corpus holds back, if it is there. */
export function devPairs(languages) {
  const file = resolve(root, '../shared/corpus', shared(languages), 'dev.tsv');
  return existsSync(file) ? file : undefined;
}

/** Pairs of our own that no model is trained on: `gold`, aligned by hand, or `held`. Throws Trouble if there are none. */
export function ownPairs(kind, languages) {
  const file = join(root, `tools/${kind}.${shared(languages)}.tsv`);
  if (existsSync(file)) return file;
  const what = kind === 'gold' ? 'pairs aligned by hand' : 'pairs held back';
  throw new Trouble(`There are no ${what} at ${file}.`);
}

/** What both directions share has the name of the one that comes first. */
function shared({ source, target }) {
  return [source, target].sort().join('-');
}

/**
 * The command line of a script about a model: its name, files, and options that all take a value.
 * What may be said besides --source and --target is in `names`.
 */
export function readArguments(usage, names) {
  const options = Object.fromEntries(
    ['source', 'target', ...names].map((name) => [name, { type: 'string' }]),
  );
  let found;
  try {
    found = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new Trouble(`${error.message.split('. ')[0]}. ${usage}`);
  }
  const [name, ...files] = found.positionals;
  if (!name) throw new Trouble(usage);
  const folder = modelFolder(name);
  const { source, target, ...values } = found.values;
  return { folder, files, languages: languagesOf(folder, { source, target }), values };
}

/** Builds a program of src/cli and runs it with options by name; those undefined are left out. */
export async function runProgram(name, options) {
  const build = await buildNative(await toolchain(), { targets: [name] });
  const words = Object.entries(options).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}`, value],
  );
  const code = await watch(join(build, name), words);
  if (code) throw new Trouble(`${name} stopped (${code}).`);
}
