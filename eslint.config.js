import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

import { functionLength } from './tools/lint/function-length.mjs';

export default defineConfig(
  {
    ignores: ['dist/', 'node_modules/', 'data/', '.cache/', 'src/motion/wasm/'],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,js,mjs}'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { patchwatch: { rules: { 'function-length': functionLength } } },
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.test.json', './tsconfig.page.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'patchwatch/function-length': ['error', 60],
      // The compiler knows what is defined where: Node's own, or the page's.
      'no-undef': 'off',
    },
  },
  {
    // Those of src are held to it by test/repo/layers.test.ts.
    files: ['scripts/**', 'tools/**'],
    rules: { 'max-lines': ['error', 300] },
  },
  {
    // Typed-array loops index within bounds they compute themselves; `!` there costs nothing at run time.
    files: [
      'src/padim/**',
      'src/evaluation/measures/**',
      'src/motion/**',
      'src/rivals/**',
      'src/view/**',
      'src/stay/**',
      'test/**',
    ],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
