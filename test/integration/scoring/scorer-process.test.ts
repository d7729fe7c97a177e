// However a scoring process ends, or does not begin, another one takes over; one that is only slow is left alone.
import { readFileSync } from 'node:fs';
import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { silentLogger } from '../../../src/core/ports/logger.ts';
import { systemClock } from '../../../src/process/system-clock.ts';
import { ScorerProcess, type ScorerProcessOptions } from '../../../src/scoring/scorer-process.ts';
import { PromMeter } from '../../../src/telemetry/prom-meter.ts';
import { segmentOf } from '../../support/queue-process.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';

const CHILD = join(import.meta.dirname, '..', '..', 'fixtures', 'children', 'moody-scorer.mjs');
/** Long enough for a process to start on a busy machine. */
const PATIENCE_MS = 4_000;

const stand = async (mood: string, changes: Partial<ScorerProcessOptions> = {}) => {
  const dir = await tempDir();
  const meter = new PromMeter();
  const marker = dir.at('first');
  const scorer = new ScorerProcess({
    modulePath: CHILD,
    settings: { mood, marker, slowMs: 1.5 * PATIENCE_MS },
    startTimeoutMs: 20_000,
    batchTimeoutMs: 20_000,
    clock: systemClock,
    logger: silentLogger,
    meter,
    ...changes,
  });
  const restarts = async (): Promise<number> =>
    Number(/^patchwatch_scorer_restarts_total (\d+)$/m.exec(await meter.scrape())?.[1] ?? 0);
  return {
    dir,
    marker,
    scorer,
    restarts,
    score: () => scorer.score([segmentOf('gate', 0)], new AbortController().signal),
    [Symbol.asyncDispose]: async () => {
      await scorer.stop(1_000);
      await dir[Symbol.asyncDispose]();
    },
  };
};

describe('a scoring process', () => {
  test.concurrent('that stops while it starts is replaced', async () => {
    await using here = await stand('stops while starting', { startTimeoutMs: PATIENCE_MS });
    await expect(here.scorer.start()).rejects.toThrow(/SIGKILL/);
    expect(await here.score()).toHaveLength(1);
    expect(await here.restarts()).toBe(1);
  });

  test.concurrent('that stops with a batch is replaced, and the batch goes back', async () => {
    await using here = await stand('stops with a batch', { batchTimeoutMs: PATIENCE_MS });
    await here.scorer.start();
    await expect(here.score()).rejects.toThrow(/scoring process ended \(SIGKILL\)/);
    expect(await here.score()).toHaveLength(1);
  });

  test.concurrent(
    'that measures its engine for longer than a batch may take is left alone',
    async () => {
      await using here = await stand('measures for long', { batchTimeoutMs: PATIENCE_MS });
      await here.scorer.start();
      expect(await here.score()).toHaveLength(1);
      expect(await here.restarts()).toBe(0);
    },
  );

  test.concurrent('whose batches wait for each other is left alone', async () => {
    // Each takes three quarters of what one may: the second is done after one and a half.
    await using here = await stand('is slow', { batchTimeoutMs: 2 * PATIENCE_MS });
    await here.scorer.start();
    expect(await Promise.all([here.score(), here.score()])).toHaveLength(2);
    expect(await here.restarts()).toBe(0);
  });

  test.concurrent('that can’t be spawned again is tried until it can', async () => {
    const programs = await tempDir();
    const execPath = programs.at('node');
    await writeFile(execPath, `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
    await chmod(execPath, 0o755);
    await using here = await stand('well', { execPath });
    await here.scorer.start();
    await rename(execPath, `${execPath}.away`);
    process.kill(here.scorer.pid ?? 0, 'SIGKILL');
    await waitUntil(async () => (await here.restarts()) >= 2, 20_000, 'a spawn that fails');
    await rename(`${execPath}.away`, execPath);
    expect(await here.score()).toHaveLength(1);
    await programs[Symbol.asyncDispose]();
  });

  test('sees nothing of the daemon’s secrets', async () => {
    process.env.GATE_PASSWORD = 'secret';
    process.env.ORT_API_KEY = 'secret';
    process.env.OMP_NUM_THREADS = '1';
    await using here = await stand('well');
    await here.scorer.start();
    const names = JSON.parse(readFileSync(here.marker, 'utf8')) as string[];
    expect(names).toContain('PATH');
    expect(names).toContain('OMP_NUM_THREADS');
    expect(names).not.toContain('GATE_PASSWORD');
    expect(names).not.toContain('ORT_API_KEY');
    delete process.env.GATE_PASSWORD;
    delete process.env.ORT_API_KEY;
    delete process.env.OMP_NUM_THREADS;
  });
});
