// SPDX-License-Identifier: MIT
// The folder outside the clone in which fetched things stay, and the lock that keeps two runs apart.
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { say } from './log.mjs';

/** REGARD_CACHE, or `regard` in the user's cache folder. */
export const cacheFolder =
  process.env.REGARD_CACHE ||
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'regard');

/**
 * Runs `work` while no other run holds `folder`'s lock. A lock whose owner is gone is taken over.
 */
export async function locked(folder, work) {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, 'lock');
  let said = false;
  while (!take(lock)) {
    if (!said) say(`  waiting for another run to finish (${lock})`);
    said = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const release = () => rmSync(lock, { force: true });
  const leave = () => process.exit(130);
  process.once('exit', release);
  process.once('SIGINT', leave);
  process.once('SIGTERM', leave);
  try {
    return await work();
  } finally {
    release();
    process.removeListener('exit', release);
    process.removeListener('SIGINT', leave);
    process.removeListener('SIGTERM', leave);
  }
}

// The lock appears with its owner's number already in it: a link to a finished file.
function take(lock) {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  const owner = ownerOf(lock);
  if (owner && !isAlive(owner)) discard(lock, owner);
  return false;
}

// Moves a dead owner's lock away; if somebody took it over in between, it is put back.
function discard(lock, owner) {
  const away = `${lock}.${process.pid}.old`;
  try {
    renameSync(lock, away);
    if (ownerOf(away) !== owner) linkSync(away, lock);
    rmSync(away, { force: true });
  } catch {
    // another run was quicker
  }
}

function ownerOf(lock) {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Whether the stamp in `folder` says `content`. */
export function isStamped(folder, content) {
  const stamp = join(folder, '.stamp');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === content;
}

/** Marks `folder` as complete for `content`. */
export function stamp(folder, content) {
  writeFileSync(join(folder, '.stamp'), content);
}
