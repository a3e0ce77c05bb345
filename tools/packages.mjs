// SPDX-License-Identifier: MIT
// The npm packages that the lock file names; fetched when node_modules is not what it says.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trouble, step } from './log.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';

/** Installs the project's npm packages. */
export async function installNodePackages() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Trouble(`Node 20.19 or newer is needed, this is ${process.version}: see nodejs.org.`);
  }
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');
  const mark = join(root, 'node_modules/.regard-lock');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  rmSync(mark, { force: true });
  await step('Fetching npm packages (once)', (progress) =>
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: root, progress }),
  );
  writeFileSync(mark, wanted);
}
