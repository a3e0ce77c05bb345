// SPDX-License-Identifier: MIT
// `npm run format`: clang-format and Prettier over everything that git tracks.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { main, step } from './log.mjs';
import { installNodePackages } from './packages.mjs';
import { root } from './paths.mjs';
import { run, which } from './run.mjs';

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split(
  '\0',
);
const named = (pattern) => tracked.filter((file) => pattern.test(file));

await main(async () => {
  await installNodePackages();
  const clangFormat = ['clang-format-19', 'clang-format'].find(which);
  if (clangFormat) {
    await step('clang-format', () =>
      run(clangFormat, ['-i', ...named(/\.(h|cpp)$/)], { cwd: root }),
    );
  }
  const prettier = join(root, 'node_modules/prettier/bin/prettier.cjs');
  const files = named(/\.(ts|mjs|js|css|html)$/);
  await step('Prettier', () =>
    run(process.execPath, [prettier, '--write', ...files], { cwd: root }),
  );
});
