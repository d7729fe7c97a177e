// `bench` with its smallest settings: everything is run for real, and what it prints is as documented.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { BenchReport } from '../../src/commands/bench/run-bench.ts';
import { ROOT, patchwatch } from '../support/patchwatch.ts';

/** `a.b`, and `a[].b` for what lists hold. */
const pathsOf = (value: unknown, prefix = ''): string[] => {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return [prefix];
  if (Array.isArray(value))
    return [...new Set(value.flatMap((one) => pathsOf(one, `${prefix}[]`)))];
  if (typeof value !== 'object' || value === null) return [prefix];
  return Object.entries(value).flatMap(([key, inner]) =>
    pathsOf(inner, prefix === '' ? key : `${prefix}.${key}`),
  );
};

test('one camera for a second: JSON with the documented keys and no others', async () => {
  const { code, stdout, stderr } = await patchwatch([
    'bench',
    ...['--json', '--cameras', '1', '--seconds', '1'],
  ]);
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as BenchReport;
  const documentation = readFileSync(join(ROOT, 'docs/ref/bench.md'), 'utf8');
  const documented = [...documentation.matchAll(/^\| `([\w.[\]]+)` \|/gm)].map((row) => row[1]);
  const printed = pathsOf(report);
  expect(printed.sort()).toEqual(documented.sort());

  const stages = ['decode', 'embed', 'changeAndDistances', 'motion', 'map', 'scoring'];
  for (const threads of [1, 0]) {
    const timed = report.stages.filter((stage) => stage.threads === threads);
    expect(timed.map(({ stage }) => stage)).toEqual([...stages, 'scoringOfSegment']);
    for (const { msPerFrame } of timed) expect(msPerFrame).toBeGreaterThan(0);
  }
  const [round, ...others] = report.saturation.rounds;
  expect(others).toEqual([]);
  expect(round).toMatchObject({ cameras: 1 });
  expect(round!.scoredFrames).toBeGreaterThan(0);
});

test('a number that is none is refused', async () => {
  const { code, stderr } = await patchwatch(['bench', '--cameras', '0']);
  expect(code).toBe(64);
  expect(stderr).toContain('whole number from 1');
});
