// SPDX-License-Identifier: MIT
// A trained model by its name: the folder, its two languages, sentences to try it on, and the native programs that do.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Trouble } from './log.mjs';
import { buildNative } from './native.mjs';
import { root } from './paths.mjs';
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

/** The languages that a folder's name ends with, as `en-zh` and `opus-mt-en-zh` do, unless they are given. */
export function languagesOf(folder, given = {}) {
  const [, source, target] = /(?:^|-)([a-z]{2,3})-([a-z]{2,3})$/.exec(basename(folder)) ?? [];
  const languages = { source: given.source ?? source, target: given.target ?? target };
  if (languages.source && languages.target) return languages;
  throw new Trouble(`Say the languages of ${folder}: --source en --target zh.`);
}

/** The pairs that the shared corpus holds back, if it is there. */
export function devPairs({ source, target }) {
  const file = resolve(root, '../shared/corpus', [source, target].sort().join('-'), 'dev.tsv');
  return existsSync(file) ? file : undefined;
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
  const code = await new Promise((done, fail) => {
    const child = spawn(join(build, name), words, { stdio: 'inherit' });
    child.on('error', (error) => fail(new Trouble(`${name}: ${error.message}.`)));
    child.on('close', (status, signal) => done(status ?? signal));
  });
  if (code) throw new Trouble(`${name} stopped (${code}).`);
}
