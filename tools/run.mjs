// SPDX-License-Identifier: MIT
// Starts other programs: their output goes to the step's progress, and is shown whole when they fail.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Trouble } from './log.mjs';

/**
 * Runs a program to its end and returns what it printed.
 * options.progress is called with each line; options.allowFailure returns instead of throwing;
 * options.noise matches lines that say nothing about a failure.
 */
export function run(program, args, options = {}) {
  const { progress, allowFailure = false, noise, input, ...spawning } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...spawning });
    const end = () => child.kill();
    process.once('exit', end); // nothing goes on when we are told to stop
    let output = '';
    let stdout = '';
    const take = (isStdout) => (text) => {
      output += text;
      if (isStdout) stdout += text;
      const lines = text.split(/[\r\n]+/).filter((line) => line.trim());
      if (lines.length) progress?.(lines[lines.length - 1]);
    };
    child.stdout.setEncoding('utf8').on('data', take(true));
    child.stderr.setEncoding('utf8').on('data', take(false));
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    child.on('error', (error) =>
      reject(new Trouble(`${program} could not be started: ${error.message}.`)),
    );
    child.on('close', (code, signal) => {
      process.removeListener('exit', end);
      if (code === 0 || allowFailure) return resolve({ code, stdout, output });
      const lines = output.split('\n').filter((line) => !noise?.test(line));
      const tail = lines.slice(-120).join('\n');
      reject(
        new Trouble(
          `${tail}\n\`${[program, ...args].join(' ').slice(0, 300)}\` failed (${signal ?? code}).`,
        ),
      );
    });
  });
}

/**
 * Runs a program that writes to the terminal itself, and returns its exit code, or the signal that ended it.
 * Ctrl+C reaches it there; this process outlives it.
 */
export async function watch(program, args) {
  const wait = () => {};
  process.on('SIGINT', wait);
  try {
    return await new Promise((done, fail) => {
      const child = spawn(program, args, { stdio: 'inherit' });
      child.on('error', (error) => fail(new Trouble(`${program}: ${error.message}.`)));
      child.on('close', (code, signal) => done(code ?? signal));
    });
  } finally {
    process.off('SIGINT', wait);
  }
}

/** The path of a program on the PATH, or undefined. */
export function which(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/** What a program prints, trimmed, or undefined if it is not there or fails. */
export function ask(program, args, options = {}) {
  const result = spawnSync(program, args, { encoding: 'utf8', ...options });
  return result.status === 0 ? result.stdout.trim() : undefined;
}
