// SPDX-License-Identifier: MIT
import { configs as lit } from 'eslint-plugin-lit';
import typescript from 'typescript-eslint';

export default typescript.config(
  { ignores: ['build/', 'dist/', 'node_modules/', 'web/models/'] },
  {
    files: ['**/*.ts'],
    extends: [...typescript.configs.strictTypeChecked, lit['flat/recommended']],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // what callers in JavaScript hand in is checked against its type, too
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // an index that a loop keeps in range is written array[i]!
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-console': 'error',
      // node:test runs what is handed to it, awaited or not
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              name: ['test', 'before', 'after', 'beforeEach', 'afterEach'],
              package: 'node:test',
            },
          ],
        },
      ],
    },
  },
  {
    // Lit calls a template's listeners on their element
    files: ['web/**/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
);
