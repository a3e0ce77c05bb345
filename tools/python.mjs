// SPDX-License-Identifier: MIT
// The Python that prepares corpora: a virtual environment in the cache.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, isStamped, locked, stamp } from './cache.mjs';
import { installPackages, isDebian } from './debian.mjs';
import { Trouble, step } from './log.mjs';
import { ask, run } from './run.mjs';

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));

/** The path of a Python interpreter that has what tools/requirements.txt names. */
export async function python() {
  const content = readFileSync(requirements, 'utf8');
  const folder = join(
    cacheFolder,
    `python-${createHash('sha256').update(content).digest('hex').slice(0, 12)}`,
  );
  if (!isStamped(folder, content)) await locked(cacheFolder, () => create(folder, content));
  return join(folder, 'bin/python');
}

async function create(folder, content) {
  if (isStamped(folder, content)) return;
  const host = await hostPython();
  // What is half done is thrown away: a virtual environment cannot be moved, so its stamp says that it is whole.
  if (existsSync(folder)) discard(folder);
  await step('Setting up Python for the corpus', async (progress) => {
    await run(host, ['-m', 'venv', folder], { progress });
    const install = [
      '-m',
      'pip',
      'install',
      '--disable-pip-version-check',
      '--no-cache-dir',
      '-r',
      requirements,
    ];
    await run(join(folder, 'bin/python'), install, { progress });
  });
  stamp(folder, content);
}

function discard(folder) {
  const away = `${folder}.${process.pid}.old`;
  renameSync(folder, away);
  rmSync(away, { recursive: true });
}

async function hostPython() {
  if (hasVenv()) return 'python3';
  if (isDebian()) await installPackages(['python3', 'python3-venv']);
  if (hasVenv()) return 'python3';
  throw new Trouble(
    'Missing: Python 3.9 or newer with its modules `venv` and `ensurepip` (python.org, or your package manager).',
  );
}

function hasVenv() {
  return (
    ask('python3', ['-c', 'import ensurepip, sys, venv; print(sys.version_info >= (3, 9))']) ===
    'True'
  );
}
