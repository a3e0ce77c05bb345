// SPDX-License-Identifier: MIT
// The command `regard`, run as a program.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Translation } from '../../bindings/js/index.node.js';
import { start } from './engine.js';
import { marianFiles } from './marian.js';

const program = fileURLToPath(new URL('../../bindings/js/cli.js', import.meta.url));

interface Run {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the program; `head` closes its output after so many bytes. */
function regard(words: string[], input = '', head = Infinity): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...words]);
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.length >= head) child.stdout.destroy();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdin.on('error', () => undefined); // it may end before it has read everything
    child.stdin.end(input);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'regard-'));
  mkdirSync(join(folder, 'small'));
  for (const [name, bytes] of Object.entries(marianFiles('relu'))) {
    writeFileSync(join(folder, 'small', name), bytes);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('regard translate', () => {
  const lines = ['Tom chases Jerry.', '', 'Tom runs. 😀', '   ', 'A cat and a mouse.'];

  test('writes a line for each line, in order, as the package translates it', async () => {
    const engine = await start();
    const translator = await engine.translator(join(folder, 'small'));
    const expected = await translator.translate(lines, { beams: 2 });
    engine.dispose();

    const { code, out, err } = await regard(
      ['translate', join(folder, 'small'), '--beams', '2'],
      `${lines.join('\n')}\n`,
    );
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([...expected.map((result) => result.text), '']);
    expect([out.split('\n')[1], out.split('\n')[3]]).toEqual(['', '']);
    expect(err).not.toMatch(/error|empty/i);
  });

  test('writes JSON with pieces, scores and attention', async () => {
    const { code, out } = await regard(
      ['translate', 'small', '--models', folder, '--json', '--beams=2'],
      lines.join('\r\n'),
    );
    expect(code).toBe(0);
    const found = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Translation);
    expect(found.map((one) => one.source.text)).toEqual(lines);
    const [first, empty] = found as [Translation, Translation];
    const cross = first.attention!.cross as unknown as number[][][][];
    expect(cross).toHaveLength(1);
    expect(cross[0]![0]).toHaveLength(first.target.pieces.length);
    expect(cross[0]![0]![0]).toHaveLength(first.source.pieces.length);
    expect(first.score).toBeLessThan(0);
    expect(empty.text).toBe('');
    expect(empty.attention).toBeUndefined();
  });

  test('takes an input of nothing, and one of many lines', async () => {
    expect(await regard(['translate', join(folder, 'small')])).toEqual({
      code: 0,
      out: '',
      err: '',
    });
    const many = '\n'.repeat(5000);
    const { out } = await regard(['translate', join(folder, 'small')], many);
    expect(out).toBe(many);
  });

  test('ends in silence when its reader has seen enough', async () => {
    const many = 'Tom runs.\n'.repeat(3000);
    const { code, err } = await regard(
      ['translate', join(folder, 'small'), '--beams', '1'],
      many,
      1,
    );
    expect(code).toBe(0);
    expect(err).not.toMatch(/EPIPE|rror/);
  });

  test('says what is cut off', async () => {
    const { code, err } = await regard(
      ['translate', join(folder, 'small'), '--beams', '1'],
      `Tom.\n${'Tom runs. '.repeat(500)}\n`,
    );
    expect(code).toBe(0);
    expect(err).toMatch(
      /^regard: line 2: the source has \d+ pieces; the first \d+ were translated$/m,
    );
  });

  test.each<[string[], string]>([
    [[], 'a command is missing'],
    [['fly'], "there is no command 'fly'"],
    [['translate'], 'the model is missing'],
    [['translate', 'a', 'b'], "'b' is one argument too many"],
    [['translate', 'a', '--speed'], 'there is no option --speed'],
    [['translate', 'a', '-x'], 'there is no option -x'],
    [['translate', 'a', '--beams'], '--beams wants a value'],
    [['translate', 'a', '--beams', 'many'], "--beams is 'many', expected 1 to 64"],
    [['translate', 'a', '--beams=0'], "--beams is '0', expected 1 to 64"],
    [['translate', 'a', '--json=yes'], '--json takes no value'],
  ])('%j: %s', async (words, sentence) => {
    expect(await regard(words)).toEqual({
      code: 2,
      out: '',
      err: `regard: ${sentence}; see regard --help\n`,
    });
  });

  test('names a model that is not there, or broken', async () => {
    const none = await regard(['translate', join(folder, 'none')]);
    expect(none).toMatchObject({ code: 1, out: '' });
    expect(none.err).toMatch(/^regard: translator: there is no model in file:.*\/none\/\n$/);

    mkdirSync(join(folder, 'half'));
    writeFileSync(
      join(folder, 'half/config.json'),
      marianFiles('relu')['config.json'] as Uint8Array,
    );
    const half = await regard(['translate', join(folder, 'half')]);
    expect(half).toMatchObject({ code: 1, out: '' });
    expect(half.err).toMatch(/^regard: model: .* is missing\n$/);
  });

  test('--help says how', async () => {
    const { code, out, err } = await regard(['--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^regard translate MODEL/);
    for (const option of ['--beams', '--json', '--models', '--help']) expect(out).toContain(option);
    expect(out.split('\n').every((line) => line.length <= 100)).toBe(true);
  });
});
