// SPDX-License-Identifier: MIT
// Broken models: each says which file, and what is wrong with it; the engine goes on to work.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ModelFiles, Regard } from '../../bindings/js/index.node.js';
import { failure, start } from './engine.js';
import { json, marianFiles } from './marian.js';

let regard: Regard;
beforeAll(async () => {
  regard = await start();
});
afterAll(() => regard.dispose());

type Files = Record<string, Uint8Array>;
type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

function without(files: Files, name: string): Files {
  return Object.fromEntries(Object.entries(files).filter(([other]) => other !== name));
}

/** The model with its weights' header written anew. */
function withHeader(edit: (header: Header, names: string[]) => Header | string): Files {
  const files: Files = marianFiles('relu', 'tiny');
  const weights = files['model.safetensors']!;
  const length = Number(new DataView(weights.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(weights.subarray(8, 8 + length))) as Header;
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  const edited = edit(header, names);
  const text = new TextEncoder().encode(
    typeof edited === 'string' ? edited : JSON.stringify(edited),
  );
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(text.length), true);
  files['model.safetensors'] = Uint8Array.from([...size, ...text, ...weights.subarray(8 + length)]);
  return files;
}

function edited(file: string, edit: (bytes: Uint8Array) => Uint8Array): Files {
  const files: Files = marianFiles('relu', 'tiny');
  files[file] = edit(files[file]!);
  return files;
}

function config(change: object): Files {
  return edited('config.json', (bytes) =>
    json({ ...(JSON.parse(new TextDecoder().decode(bytes)) as object), ...change }),
  );
}

/** What is wrong, and how the sentence begins and goes on. */
const broken: [string, () => Files, RegExp][] = [
  ...['config.json', 'model.safetensors', 'source.spm', 'target.spm', 'vocab.json'].map(
    (name): [string, () => Files, RegExp] => [
      `${name} is missing`,
      () => without(marianFiles('relu', 'tiny'), name),
      new RegExp(`^FormatError: model: ${name} is missing$`),
    ],
  ),
  ['there are no files', () => ({}), /^FormatError: model: config\.json is missing$/],
  ...[0, 7, 8, 9, 100, 1000].map((size): [string, () => Files, RegExp] => [
    `weights that end at byte ${size}`,
    () => edited('model.safetensors', (bytes) => bytes.slice(0, size)),
    /^FormatError: model\.safetensors: /,
  ]),
  [
    'weights without their last byte',
    () => edited('model.safetensors', (bytes) => bytes.slice(0, -1)),
    /^FormatError: model\.safetensors: .* ends at \d+, the file holds \d+/,
  ],
  [
    'weights with a byte too many',
    () => edited('model.safetensors', (bytes) => Uint8Array.from([...bytes, 0])),
    /^FormatError: model\.safetensors: the tensors end at \d+/,
  ],
  [
    'a header said to be longer than memory',
    () => edited('model.safetensors', (bytes) => bytes.fill(255, 0, 8)),
    /^FormatError: model\.safetensors: the header is said to be/,
  ],
  [
    'a tensor that is there twice',
    () =>
      withHeader((header, [first]) => {
        const entry = `${JSON.stringify(first)}:${JSON.stringify(header[first!])}`;
        return JSON.stringify(header).replace('{', `{${entry},`);
      }),
    /^FormatError: model\.safetensors: .*(twice|duplicate|more than once)/,
  ],
  [
    'tensors that overlap',
    () =>
      withHeader((header, names) => {
        const sorted = names.sort(
          (a, b) => header[a]!.data_offsets[0] - header[b]!.data_offsets[0],
        );
        const { data_offsets: offsets } = header[sorted[1]!]!;
        header[sorted[1]!]!.data_offsets = [offsets[0] - 4, offsets[1] - 4];
        return header;
      }),
    /^FormatError: model\.safetensors: .* begins at \d+/,
  ],
  [
    'a shape whose product wraps around',
    () =>
      withHeader((header, [first]) => {
        header[first!]!.shape = [2 ** 31, 2 ** 31, 4];
        return header;
      }),
    /^FormatError: model\.safetensors: .*more elements than can be addressed/,
  ],
  [
    'a shape that its bytes do not fill',
    () =>
      withHeader((header, [first]) => {
        header[first!]!.shape[0]! += 1;
        return header;
      }),
    /^FormatError: model\.safetensors: .* takes \d+ bytes?, /,
  ],
  [
    'a type that there is not',
    () =>
      withHeader((header, [first]) => {
        header[first!]!.dtype = 'F31';
        return header;
      }),
    /^FormatError: model\.safetensors: .* has the unknown dtype "F31"/,
  ],
  [
    'a header of deep brackets',
    () => withHeader(() => `{"a":${'['.repeat(100_000)}`),
    /^FormatError: model\.safetensors: /,
  ],
  [
    'a tensor of another name',
    () =>
      withHeader((header, [first]) => {
        header['__proto__x'] = header[first!]!;
        return Object.fromEntries(Object.entries(header).filter(([name]) => name !== first));
      }),
    /^FormatError: model\.safetensors: .*(is missing|there is no tensor)/,
  ],
  [
    'config.json is no JSON',
    () => edited('config.json', () => json('').slice(1)),
    /^FormatError: config\.json: /,
  ],
  [
    'config.json is a list',
    () => edited('config.json', () => json([])),
    /^FormatError: config\.json/,
  ],
  [
    'config.json is deep',
    () => edited('config.json', () => new TextEncoder().encode('['.repeat(1e5))),
    /^FormatError: config\.json: /,
  ],
  [
    'another kind of model',
    () => config({ model_type: 'gpt2' }),
    /^FormatError: config\.json: model_type is "gpt2"/,
  ],
  ['a width below 1', () => config({ d_model: -4 }), /^FormatError: config\.json: d_model is -4/],
  ['a width that is huge', () => config({ d_model: 2 ** 40 }), /^FormatError: /],
  [
    'a width that is text',
    () => config({ d_model: 'wide' }),
    /^FormatError: config\.json: d_model is "wide"/,
  ],
  [
    'heads that do not divide',
    () => config({ encoder_attention_heads: 5 }),
    /^FormatError: config\.json: 5 /,
  ],
  [
    'more layers than weights',
    () => config({ encoder_layers: 2 }),
    /^FormatError: model\.safetensors: tensor ".*" is missing/,
  ],
  ...[0, 1, 100, 1000].map((size): [string, () => Files, RegExp] => [
    `an .spm that ends at byte ${size}`,
    () => edited('source.spm', (bytes) => bytes.slice(0, size)),
    /^FormatError: source\.spm: /,
  ]),
  [
    'an .spm of noise',
    () => edited('target.spm', (bytes) => bytes.map((byte, i) => byte ^ (i * 37))),
    /^FormatError: target\.spm: /,
  ],
  [
    'a vocabulary that is no object',
    () => edited('vocab.json', () => json([1])),
    /^FormatError: vocab\.json/,
  ],
  [
    'a vocabulary without </s>',
    () => edited('vocab.json', () => json({ a: 0, '<unk>': 1 })),
    /^FormatError: vocab\.json: there is no "<\/s>"/,
  ],
  [
    'a vocabulary with an id twice',
    () => edited('vocab.json', () => json({ '</s>': 0, '<unk>': 1, a: 1, '<pad>': 2 })),
    /^FormatError: vocab\.json: /,
  ],
  [
    'a vocabulary with a negative id',
    () => edited('vocab.json', () => json({ '</s>': -1 })),
    /^FormatError: vocab\.json: /,
  ],
];

describe('a broken model', () => {
  test.each(broken)('%s', async (_, make, sentence) => {
    expect(await failure(() => regard.translator(make() as ModelFiles))).toMatch(sentence);
  });

  test('10,000 in a row leave the memory as it was and the engine at work', async () => {
    const models = broken.map(([, make]) => make() as ModelFiles);
    const round = async (count: number) => {
      for (let i = 0; i < count; ++i) {
        const model = models[i % models.length]!;
        const said = await failure(() => regard.translator(model));
        if (!said.startsWith('FormatError: ')) throw new Error(said);
      }
    };
    await round(2 * models.length);
    const before = regard.memory();
    await round(10_000);
    const after = regard.memory();
    expect(after.heap).toBe(before.heap);
    // Lists of free buffers may have moved by a few cache lines.
    expect(Math.abs(after.used - before.used)).toBeLessThan(4096);

    const translator = await regard.translator(marianFiles('relu', 'tiny'));
    expect((await translator.translate('Tom runs.')).source.text).toBe('Tom runs.');
    translator.dispose();
  });

  test('is not only refused when it is a model, but also when it is something else', async () => {
    expect(await failure(() => regard.translator(null as never))).toBe(
      'ValueError: translator: expected a name, the address of a folder, or files by name',
    );
    expect(await failure(() => regard.translator({ 'config.json': 'text' } as never))).toBe(
      'ValueError: translator: config.json is neither bytes nor a Blob',
    );
    expect(await failure(() => regard.translator('no-such-model'))).toMatch(
      /^DownloadError: translator: there is no model in file:.*\/no-such-model\/$/,
    );
    expect(await failure(() => regard.translator(''))).toBe(
      'ValueError: translator: the name is empty',
    );
  });
});
