// A scoring process that says what can't be read: counted, told, ended; the next one scores.
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { systemClock } from '../../../src/process/system-clock.ts';
import type { Logger } from '../../../src/core/ports/logger.ts';
import { PromMeter } from '../../../src/telemetry/prom-meter.ts';
import { ScorerProcess } from '../../../src/scoring/scorer-process.ts';
import { segmentOf } from '../../support/queue-process.ts';
import { tempDir } from '../../support/temp-dir.ts';

const CHILD = join(import.meta.dirname, '..', '..', 'fixtures', 'children', 'bad-scorer.mjs');

const BAD: readonly (readonly [kind: string, says: RegExp])[] = [
  ['no JSON', /header is not JSON/],
  ['length out of all reason', /4294967295 \+ 4294967295 bytes/],
  ['another version', /not of version 1/],
  ['unknown kind', /kind: /],
  ['unknown reason', /outcomes\.0\.reason: /],
  ['unknown metric', /samples\.0\.name: no metric of the catalogue/],
  ['unknown batch', /scores of an unknown batch 8/],
  ['too few outcomes', /0 outcomes of 1 segments/],
  ['map of another size', /maps of 8 bytes, not 4/],
  ['less than announced', /0 bytes of maps where 4 were announced/],
];

describe('a bad message', () => {
  test.concurrent.each(BAD)('%s', async (kind, says) => {
    await using dir = await tempDir();
    const told: unknown[] = [];
    const logger: Logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (_message, fields) => void told.push(fields?.error),
      child: () => logger,
    };
    const meter = new PromMeter();
    const scorer = new ScorerProcess({
      modulePath: CHILD,
      settings: { kind, marker: dir.at('first') },
      startTimeoutMs: 30_000,
      batchTimeoutMs: 30_000,
      clock: systemClock,
      logger,
      meter,
    });
    await scorer.start();
    const { signal } = new AbortController();
    const segments = [segmentOf('gate', 0)];

    await expect(scorer.score(segments, signal)).rejects.toThrow(/scoring process ended/);
    const [again] = await scorer.score(segments, signal);
    await scorer.stop();

    expect(again).toMatchObject({ kind: 'scored', score: { segmentId: 'gate-run-0', side: 1 } });
    expect(told.filter((error) => typeof error === 'string')).toEqual([
      expect.stringMatching(says),
    ]);
    const text = await meter.scrape();
    expect(text).toMatch(/^patchwatch_scorer_bad_messages_total 1$/m);
    expect(text).toMatch(/^patchwatch_scorer_restarts_total 1$/m);
  });
});
