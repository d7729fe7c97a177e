// docs/ref/errors.md and core/errors.ts list the same codes with the same exit codes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ERROR_CODES } from '../../src/core/errors.ts';

test('every error code is documented with its exit code, and none besides', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/ref/errors.md'), 'utf8');
  const documented: Record<string, number> = Object.fromEntries(
    [...text.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map((row) => [
      row[1] ?? '',
      Number(row[2]),
    ]),
  );
  const declared = Object.fromEntries(
    Object.entries(ERROR_CODES).map(([code, facts]) => [code, facts.exitCode]),
  );
  expect(documented).toEqual(declared);
});
