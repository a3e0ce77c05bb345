// SPDX-License-Identifier: MIT
// What the READMEs name is there: files by their path or their name, links, commands of package.json.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { root } from '../tools/paths.mjs';

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split(
  '\0',
);
const names = new Set(tracked.map((file) => basename(file)));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

for (const file of tracked.filter((name) => basename(name) === 'README.md')) {
  test(`${file} names what is there`, () => {
    const text = readFileSync(join(root, file), 'utf8');
    const here = join(root, dirname(file));
    const named = [...text.matchAll(/`([\w./-]+\.(?:h|ts|mjs|py|tsv))`/g)].map((match) => match[1]);
    const lost = named.filter(
      (path) => !existsSync(join(here, path)) && !names.has(basename(path)),
    );
    assert.deepEqual(lost, []);

    const links = [...text.matchAll(/\]\(([^)#\s]+)\)/g)].map((match) => match[1]);
    const dead = links.filter((path) => !/^https?:/.test(path) && !existsSync(join(here, path)));
    assert.deepEqual(dead, []);

    const commands = [
      ...text.matchAll(/\bnpm (?:run )?(start|test|build|bench|conformance|train|format|lint)\b/g),
    ];
    for (const [, command] of commands) assert.ok(command in scripts, command);
  });
}
