// SPDX-License-Identifier: MIT
// `npm run lint`: the compiler and ESLint on all TypeScript.
import { join } from 'node:path';
import { main, step } from './log.mjs';
import { installNodePackages } from './packages.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';

await main(async () => {
  await installNodePackages();
  const node = (script, ...args) =>
    run(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root });
  await step('TypeScript', () => node('typescript/bin/tsc', '-p', root, '--noEmit'));
  await step('ESLint', () => node('eslint/bin/eslint.js', '.'));
});
