// The lint rule that holds functions short, on code that breaks it.
import { Linter } from 'eslint';
import { describe, expect, test } from 'vitest';

import { functionLength } from '../../tools/lint/function-length.mjs';

const lint = (code: string): readonly string[] =>
  new Linter()
    .verify(code, {
      plugins: { own: { rules: { length: functionLength } } },
      rules: { 'own/length': ['error', 3] },
    })
    .map(({ line, message }) => `${line}: ${message}`);

describe('function length', () => {
  test('a function over the bound is named with its length', () => {
    expect(lint('const f = () => {\n  a();\n  b();\n};')).toEqual([
      '1: Function of 4 lines of code: at most 3',
    ]);
    expect(lint('const f = () => {\n  a();\n};')).toEqual([]);
  });

  test('blank lines and comments don’t count', () => {
    expect(lint('const f = () => {\n  // why\n\n  a();\n  /*\n   * more\n   */\n};')).toEqual([]);
  });

  test('what groups tests may be long, what is inside it not', () => {
    const group = 'describe.each([1])("x", () => {\n  a();\n  b();\n  c();\n});';
    expect(lint(group)).toEqual([]);
    expect(lint(`const suite = () => {\n  ${group}\n};`)).toEqual([]);
    expect(
      lint('describe("x", () => {\n  test("y", () => {\n    a();\n    b();\n  });\n});'),
    ).toEqual(['2: Function of 4 lines of code: at most 3']);
  });
});
