// SPDX-License-Identifier: MIT
// npm run plot -- en-zh [more…] [--out curves.svg]: the learning curves of trainings, side by side. A
// training is named as for npm run train, or by its folder or log; `name=path` calls it otherwise.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Trouble, main, say } from './log.mjs';
import { installNodePackages } from './packages.mjs';
import { build } from './paths.mjs';

const usage = 'npm run plot -- <name, folder or log.jsonl> [more] [--out <file.svg>]';

// It draws with packages that a bare clone does not have yet.
let drawCurves, readLog;

await main(async () => {
  const { values, positionals } = readArguments();
  if (!positionals.length) throw new Trouble(usage);
  await installNodePackages();
  ({ drawCurves, readLog } = await import('./curves.mjs'));
  const runs = positionals.map(readRun);
  const out = resolve(values.out ?? join(build, 'reports/curves.svg'));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, drawn(runs));
  for (const { name, curves } of runs) say(summary(name, curves));
  say(`wrote ${relative(process.cwd(), out)}`);
});

function readArguments() {
  try {
    return parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
  } catch (error) {
    throw new Trouble(`${error.message.split('. ')[0]}. ${usage}`);
  }
}

function readRun(argument) {
  const equals = existsSync(argument) ? -1 : argument.indexOf('=');
  const path = argument.slice(equals + 1);
  const places = [path, join(path, 'log.jsonl'), join(build, 'corpus', path, 'log.jsonl')];
  const file = places.find((place) => existsSync(place) && statSync(place).isFile());
  if (!file)
    throw new Trouble(
      `There is no log of ${path}, neither there nor in build/corpus: was it trained?`,
    );
  const folder = basename(dirname(resolve(file)));
  const name = equals > 0 ? argument.slice(0, equals) : folder;
  return { name, curves: readLog(readFileSync(file, 'utf8')) };
}

function drawn(runs) {
  try {
    return drawCurves(runs);
  } catch (error) {
    if (error instanceof RangeError) throw new Trouble(`${error.message}.`);
    throw error;
  }
}

function summary(name, curves) {
  const last = (curve) => curve.at(-1)?.value.toFixed(2) ?? 'none';
  const end = curves.loss.at(-1) ?? curves.dev_loss.at(-1);
  if (!end) return `${name}: no step yet`;
  const { step, seconds } = end;
  return `${name}: ${step} steps in ${(seconds / 60).toFixed(1)} minutes, loss ${last(curves.loss)}, on dev ${last(curves.dev_loss)}, BLEU ${last(curves.bleu)}, chrF ${last(curves.chrf)}`;
}
