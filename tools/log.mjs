// SPDX-License-Identifier: MIT
// What the scripts say while they work: one line per step, and its time when it took long.

let running = 0;
const animated = process.stdout.isTTY && !process.env.CI;

/** Says one line. */
export function say(text) {
  clear();
  process.stdout.write(`${text}\n`);
}

/** Ends the program with one sentence; stacks are for defects, not for what a person can mend. */
export class Trouble extends Error {}

/**
 * Runs `work`, says what it is, and shows from the third second on how long it has taken and the last
 * line that `work` reported by its argument: on a terminal in place, in a log now and then.
 */
export async function step(title, work) {
  const begin = Date.now();
  let note = '';
  let next = 2;
  process.stdout.write(`• ${title}${animated ? '' : '\n'}`);
  ++running;
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - begin) / 1000);
    if (animated && seconds >= 2) {
      const room = (process.stdout.columns ?? 100) - 1;
      process.stdout.write(`\r\x1b[K${`• ${title} … ${seconds} s  ${note}`.slice(0, room)}`);
    } else if (!animated && seconds >= next) {
      next = seconds + 15;
      process.stdout.write(`    … ${seconds} s  ${note.slice(0, 140)}\n`);
    }
  }, 1000);
  try {
    const result = await work((line) => (note = line.trim() || note));
    const seconds = (Date.now() - begin) / 1000;
    if (animated) process.stdout.write(`\r\x1b[K• ${title} (${seconds.toFixed(1)} s)\n`);
    else if (seconds > 2) process.stdout.write(`    done in ${seconds.toFixed(1)} s\n`);
    return result;
  } catch (error) {
    if (animated) process.stdout.write(`\r\x1b[K• ${title}\n`);
    throw error;
  } finally {
    clearInterval(timer);
    --running;
  }
}

function clear() {
  if (animated && running) process.stdout.write('\r\x1b[K');
}

/** Runs a script's main function; troubles become one sentence and exit code 1. */
export async function main(work) {
  try {
    const code = await work();
    if (code) process.exitCode = code;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  }
}
