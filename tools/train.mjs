// SPDX-License-Identifier: MIT
// npm run train -- en-zh: corpus, vocabularies, native trainer, training. Interrupted, it goes on from its last checkpoint.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Trouble, main, say, step } from './log.mjs';
import { python } from './python.mjs';
import { run } from './run.mjs';
import { toolchain } from './toolchain.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const usage =
  'npm run train -- en-zh [--corpus <folder or cmn-eng.zip>] [--out <folder>] [-- options of the trainer]';

async function train() {
  const { values, positionals } = arguments_();
  const [pair, ...passed] = positionals;
  const config = join(root, `tools/${pair}.train.json`);
  if (!pair || !existsSync(config))
    throw new Trouble(`There are settings for en-zh only. ${usage}`);

  const data = join(root, 'build/corpus', pair);
  await prepare(corpusOf(pair, values.corpus), data);
  const trainer = await buildTrainer();
  const out = resolve(values.out ?? join(root, 'web/models', pair));
  say(`• Training; Ctrl+C stops it, the same command goes on`);
  const code = await watch(trainer, ['--config', config, '--data', data, '--out', out, ...passed]);
  if (code)
    throw new Trouble(
      `The trainer stopped (${code}). The same command goes on from its last checkpoint.`,
    );
}

function arguments_() {
  try {
    const options = { corpus: { type: 'string' }, out: { type: 'string' } };
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new Trouble(`${error.message}. ${usage}`);
  }
}

function corpusOf(pair, given) {
  const corpus = given ? resolve(given) : resolve(root, '../shared/corpus', pair);
  if (existsSync(corpus)) return corpus;
  throw new Trouble(
    `There is no corpus at ${corpus}: download cmn-eng.zip from https://www.manythings.org/anki/ and name it with --corpus.`,
  );
}

// Preparing takes seconds and is the same every time, so it is done anew rather than trusted.
async function prepare(corpus, data) {
  const interpreter = await python();
  const script = join(root, 'tools/prepare.py');
  const { stdout } = await step('Preparing the corpus', (progress) =>
    run(interpreter, [script, corpus, '--out', data], { progress }),
  );
  say(stdout.trimEnd().replace(/^/gm, '    '));
}

async function buildTrainer() {
  const { cxx, root: fetched, env } = await toolchain();
  const folder = join(root, 'build/native');
  await step('Building the trainer', async (progress) => {
    const options = [
      `-DCMAKE_CXX_COMPILER=${cxx}`,
      `-DREGARD_TOOLCHAIN=${fetched}`,
      '-DCMAKE_BUILD_TYPE=Release',
    ];
    await run('cmake', ['-S', root, '-B', folder, '-G', 'Ninja', ...options], { env, progress });
    const jobs = String(availableParallelism());
    await run('cmake', ['--build', folder, '--target', 'regard_train', '-j', jobs], {
      env,
      progress,
    });
  });
  return join(folder, 'regard_train');
}

// The trainer writes to the terminal itself, and Ctrl+C reaches it there; this process waits for it to save.
function watch(program, args) {
  const ignore = () => {};
  process.on('SIGINT', ignore);
  return new Promise((done, fail) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.on('error', (error) =>
      fail(new Trouble(`${program} could not be started: ${error.message}.`)),
    );
    child.on('close', (code, signal) => done(code ?? signal));
  }).finally(() => process.off('SIGINT', ignore));
}

await main(train);
