// SPDX-License-Identifier: MIT
// A small random Marian model with a vocabulary of text: Hugging Face's weights of tests/golden/marian,
// which know only ids, and a SentencePiece model of tests/golden/text.
import { readFileSync } from 'node:fs';
import type { ModelFiles } from '../../bindings/js/index.node.js';

// Jest runs in the project's folder, wherever the compiled test lies.
const golden = 'tests/golden';

/** The files, each a fresh copy that a test may spoil. */
export function marianFiles(
  model: 'swish' | 'relu' = 'swish',
  pieces: 'english_unigram' | 'tiny' = 'english_unigram',
): Record<string, Uint8Array> & ModelFiles {
  const read = (path: string) => new Uint8Array(readFileSync(`${golden}/${path}`));
  const spm = read(`text/${pieces}.spm`);
  const config = JSON.parse(new TextDecoder().decode(read(`marian/${model}/config.json`))) as {
    vocab_size: number;
    eos_token_id: number;
    pad_token_id: number;
  };
  return {
    'config.json': read(`marian/${model}/config.json`),
    'generation_config.json': read(`marian/${model}/generation_config.json`),
    'model.safetensors': read(`marian/${model}/model.safetensors`),
    'source.spm': spm,
    'target.spm': spm.slice(),
    'vocab.json': json(vocabulary(spm, config)),
  };
}

export function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

// The pieces of the SentencePiece model in its order, as many as the weights have rows for; a row
// that none is left for has a name that no text is cut into.
function vocabulary(
  spm: Uint8Array,
  { vocab_size: size, eos_token_id: eos, pad_token_id: pad }: { [key: string]: number },
): Record<string, number> {
  const special = ['<unk>', '<s>', '</s>'];
  const names = ['<unk>', ...piecesOf(spm).filter((piece) => !special.includes(piece))];
  const found: Record<string, number> = { '</s>': eos!, '<pad>': pad! };
  let next = 0;
  for (let id = 0; id < size!; ++id) {
    if (id === eos || id === pad) continue;
    found[next < names.length ? names[next++]! : `<none ${id}>`] = id;
  }
  return found;
}

// Field 1 of a SentencePiece model is a piece, whose field 1 is its text.
function piecesOf(spm: Uint8Array): string[] {
  return fields(spm)
    .filter(([field]) => field === 1)
    .map(([, piece]) => fields(piece).find(([field]) => field === 1)![1])
    .map((text) => new TextDecoder().decode(text));
}

// The fields of a protocol buffer's message; those that are no bytes have none here.
function fields(message: Uint8Array): [number, Uint8Array][] {
  const found: [number, Uint8Array][] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const width = [0, 8, 0, 0, 0, 4][key & 7]!;
    if ((key & 7) === 0) varint();
    const length = (key & 7) === 2 ? varint() : width;
    found.push([key >> 3, message.subarray(at, at + length)]);
    at += length;
  }
  return found;
}
