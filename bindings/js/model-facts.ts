// SPDX-License-Identifier: MIT
// What a model's folder says of itself that the engine does not need: its languages, and where to look first.
import { fail } from './error.js';
import type { ModelFolder } from './model-files.js';
import type { Translator } from './types.js';

type Facts = Pick<Translator, 'config' | 'alignmentHeads' | 'sourceLang' | 'targetLang'>;
type Fields = Readonly<Record<string, unknown>>;

/**
 * Of a folder that the engine has taken, so that its files are JSON and its sizes right.
 * @throws FormatError naming the file, the field, what it is and what was expected
 */
export function readFacts({ name, files }: ModelFolder): Facts {
  const read = (file: string): Fields => {
    const bytes = files.get(file);
    return ((bytes && JSON.parse(new TextDecoder().decode(bytes))) as Fields | undefined) ?? {};
  };
  const config = read('config.json');
  const tokenizer = read('tokenizer_config.json');
  const [, source, target] = /(?:^|-)([a-z]{2,3})-([a-z]{2,3})$/.exec(name) ?? [];
  return {
    config,
    alignmentHeads: alignmentHeads(config),
    sourceLang: language(tokenizer, 'source_lang') ?? source,
    targetLang: language(tokenizer, 'target_lang') ?? target,
  };
}

function alignmentHeads(config: Fields): Facts['alignmentHeads'] {
  const field = 'config.json: alignment_heads';
  const listed = config['alignment_heads'] ?? [];
  if (!Array.isArray(listed)) wrong(field, listed, 'pairs of a layer and a head');
  const [layers, heads] = [config['decoder_layers'], config['decoder_attention_heads']].map(Number);
  return (listed as unknown[]).map((pair, i) => {
    const here = `${field}[${i}]`;
    if (!Array.isArray(pair) || pair.length !== 2) wrong(here, pair, 'a layer and a head');
    const [layer, head] = pair as unknown[];
    return [place(`${here}[0]`, layer, layers!), place(`${here}[1]`, head, heads!)] as const;
  });
}

function place(what: string, value: unknown, count: number): number {
  const inside = Number.isInteger(value) && (value as number) >= 0 && (value as number) < count;
  return inside ? (value as number) : wrong(what, value, `0 to ${count - 1}`);
}

function language(tokenizer: Fields, field: string): string | undefined {
  const value = tokenizer[field] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  return wrong(`tokenizer_config.json: ${field}`, value, 'a text');
}

function wrong(what: string, value: unknown, expected: string): never {
  const kind = Array.isArray(value) ? 'an array' : 'an object';
  const shown = typeof value === 'object' && value ? kind : JSON.stringify(value).slice(0, 40);
  return fail('FormatError', `${what} is ${shown}, expected ${expected}`);
}
