#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// The command `regard`.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { describe, fail } from './error.js';
import { load } from './index.node.js';
import { lineBatches } from './lines.js';
import type { Translation, Translator } from './types.js';
import { nest } from './values.js';

const help = `regard translate MODEL < in.txt > out.txt

Translates each line of the input, in order; an empty line stays empty.
MODEL is a name ('en-zh', 'zh-en'), a folder, or its address: a Marian model as Hugging Face
lays it out.

  --beams N   search with N beams, 1 is greedy (default: the model's, usually 4)
  --json      write a JSON object for each line: text, score, the pieces, offsets and words of both
              sentences, and the attention of every layer and head
  --precision int8  multiply weights of 8 bits: faster, almost as good (default: f32)
  --models A  where models named by a plain word lie (default: beside the package)
  --help      print this
`;

/** Lines that are translated together. */
const batchSize = 16;

interface Command {
  model: string;
  beams?: number;
  precision?: 'int8';
  json: boolean;
  models?: string;
}

const options = {
  beams: { type: 'string' },
  precision: { type: 'string' },
  json: { type: 'boolean' },
  models: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parse(words: string[]): Command | 'help' {
  const { values, positionals, tokens } = parseArgs({
    args: words,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (!Object.hasOwn(options, token.name))
      fail('UsageError', `there is no option ${token.rawName}`);
    const wanted = options[token.name as keyof typeof options].type === 'string';
    if (wanted && token.value === undefined) fail('UsageError', `${token.rawName} wants a value`);
    if (!wanted && token.value !== undefined) fail('UsageError', `${token.rawName} takes no value`);
  }
  if (values.help) return 'help';

  const [command, model, extra] = positionals;
  if (command === undefined) fail('UsageError', 'a command is missing');
  if (command !== 'translate') fail('UsageError', `there is no command '${command}'`);
  if (model === undefined) fail('UsageError', 'the model is missing');
  if (extra !== undefined) fail('UsageError', `'${extra}' is one argument too many`);

  const beams = values.beams === undefined ? undefined : Number(values.beams);
  if (beams !== undefined && !(Number.isInteger(beams) && beams >= 1 && beams <= 64)) {
    fail('UsageError', `--beams is '${String(values.beams)}', expected 1 to 64`);
  }
  const { precision } = values;
  if (precision !== undefined && precision !== 'f32' && precision !== 'int8') {
    fail('UsageError', `--precision is '${String(precision)}', expected f32 or int8`);
  }
  return {
    model,
    json: values.json === true,
    ...(precision === 'int8' && { precision }),
    ...(beams !== undefined && { beams }),
    ...(typeof values.models === 'string' && { models: values.models }),
  };
}

async function translate({ model, beams, json, models, precision }: Command): Promise<void> {
  const regard = await load(models === undefined ? {} : { modelsUrl: models.replace(/\/?$/, '/') });
  const translator = await regard.translator(model, precision && { precision });
  let line = 0;
  for await (const batch of lineBatches(process.stdin.setEncoding('utf8'), batchSize)) {
    for (const result of await translateBatch(translator, batch, { beams, json })) {
      ++line;
      const blank = result.source.text.trim() === '';
      for (const note of blank ? [] : result.notes) warn(`line ${line}: ${note}`);
      await write(`${json ? toJson(result) : result.text.replace(/[\r\n]+/g, ' ')}\n`);
    }
  }
  regard.dispose();
}

function translateBatch(
  translator: Translator,
  batch: string[],
  { beams, json }: { beams: number | undefined; json: boolean },
): Promise<Translation[]> {
  return translator.translate(batch, { attention: json, ...(beams !== undefined && { beams }) });
}

function toJson({ text, score, source, target, attention, notes }: Translation): string {
  const nested = attention && {
    encoder: nest(attention.encoder),
    cross: nest(attention.cross),
    decoder: nest(attention.decoder),
  };
  const whole = { text, score, source, target, attention: nested, notes };
  // Six digits are all that a float has.
  return JSON.stringify(whole, (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value,
  );
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function warn(message: string): void {
  process.stderr.write(`regard: ${message}\n`);
}

// A reader that has seen enough, as `head` does, ends the work without a word.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') warn(error.message);
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

async function main(): Promise<void> {
  try {
    const command = parse(process.argv.slice(2));
    if (command === 'help') await write(help);
    else await translate(command);
  } catch (error) {
    const { name, message } = describe(error);
    const usage = name === 'UsageError';
    warn(usage ? `${message}; see regard --help` : message);
    process.exitCode = usage ? 2 : 1;
  }
}

void main();
