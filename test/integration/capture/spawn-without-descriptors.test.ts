// A machine without file descriptors left: ffmpeg can't be started, which is told as any failure is, and it starts
// again when there are some.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const CHILD = join(import.meta.dirname, '../../fixtures/children/spawn-without-descriptors.mjs');

test('a spawn without descriptors is told, and goes well when there are some', () => {
  const said = execFileSync('sh', [
    '-c',
    'ulimit -n 64; exec "$0" "$1"',
    process.execPath,
    CHILD,
  ]).toString();
  const outcomes = JSON.parse(said) as { code: string | number; message?: string }[];
  expect(outcomes.map(({ code }) => code)).toEqual([
    ...Array.from({ length: 4 }, () => 'FFMPEG_MISSING'),
    0,
  ]);
  expect(outcomes[0]?.message).toContain('EMFILE');
});
