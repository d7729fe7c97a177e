// docs/ref/metrics.md and the catalogue list the same metrics; promtool finds nothing to object to.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { METRICS, type MetricName } from '../../src/core/metric-catalogue.ts';
import { DROP_REASONS } from '../../src/core/ports/frame-queue.ts';
import type { Meter } from '../../src/core/ports/meter.ts';
import { TOPICS } from '../../src/server/wire.ts';
import { PromMeter } from '../../src/telemetry/prom-meter.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/ref/metrics.md'), 'utf8');

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;

const codeWords = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

test('every metric is documented with its type and labels, and none besides', () => {
  const documented = [
    ...text.matchAll(/^\| `(patchwatch_\w+)` \| (\w+) \|([^|]*)\| ([^|]+) \|$/gm),
  ].map((row) => ({ name: row[1], type: row[2], labels: codeWords(row[3] ?? '') }));
  const declared = Object.entries(METRICS).map(([name, { type, labels }]) => ({
    name,
    type,
    labels: [...labels],
  }));
  expect(documented).toEqual(declared);
  const mentioned = [...text.matchAll(/\bpatchwatch_\w+/g)].map(([name]) => name);
  const series = mentioned.map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  expect(series.filter((name) => !(name in METRICS))).toEqual([]);
});

test('every reason for a drop is explained, in the order of the code', () => {
  const section = /## Reasons for a drop\n([\s\S]*?)(?=\n## |$)/.exec(text)?.[1] ?? '';
  const reasons = [...section.matchAll(/^\| `(\w+)` \|/gm)].map((row) => row[1]);
  expect(reasons).toEqual([...DROP_REASONS]);
});

test('the topics named are those of the wire', () => {
  const row = text.split('\n').find((line) => line.includes('patchwatch_websocket_dropped_total'));
  expect(codeWords(row?.split('|')[4] ?? '').sort()).toEqual([...TOPICS].sort());
});

/** One sample of everything: what promtool does not see it can't judge. */
const sampleOfEach = (meter: Meter): void => {
  // The catalogue pairs each name with its labels; here they are taken together.
  const untyped = meter as unknown as Record<
    'add' | 'set' | 'observe',
    (name: string, labels: Readonly<Record<string, string>>, value: number) => void
  >;
  const verbs = { counter: 'add', gauge: 'set', histogram: 'observe' } as const;
  for (const [name, { type, labels }] of Object.entries(METRICS)) {
    untyped[verbs[type]](name, Object.fromEntries(labels.map((label) => [label, 'x'])), 1);
  }
};

test.skipIf(!hasPromtool)(
  'promtool check metrics finds nothing (skipped without promtool)',
  async () => {
    const meter = new PromMeter();
    sampleOfEach(meter);
    const exposition = await meter.scrape();
    const silent = (Object.keys(METRICS) as MetricName[]).filter(
      (name) => !new RegExp(`^${name}(_count)?[{ ]`, 'm').test(exposition),
    );
    expect(silent).toEqual([]);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: exposition,
      encoding: 'utf8',
    });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  },
);
