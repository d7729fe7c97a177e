// A Redis many milliseconds away: a frame takes a few round trips from capture to its reader, however long one is,
// and nothing piles up.
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { UNMEASURED_POLICY } from '../../../src/core/batch-policy.ts';
import { silentLogger, type Logger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { systemClock } from '../../../src/process/system-clock.ts';
import { WorkerLoop } from '../../../src/scoring/worker-loop.ts';
import { RedisRoundTrip } from '../../../src/redis/redis-round-trip.ts';
import { QueueProcess, scoreOf, segmentOf } from '../../support/queue-process.ts';
import { hasRedis, RedisServer } from '../../support/redis-server.ts';
import { SlowLink } from '../../support/slow-link.ts';

/** Seven by the way that a frame goes; some more where it meets a round that has just begun. */
const ROUND_TRIPS = 12;
const SEGMENTS = 40;
/** The first ones meet connections and scripts that are still on their way. */
const WARM_UP = 20;
/** Two segments a second of each of two cameras. */
const EVERY_MS = 250;

describe.skipIf(!hasRedis)('a Redis far away', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  const medianLatencyMs = async (roundTripMs: number): Promise<number> => {
    await using link = await SlowLink.start(server.port, roundTripMs);
    const settings = {
      ...server.settings(randomUUID()),
      endpoint: { kind: 'single', url: link.url } as const,
    };
    await using ingest = await QueueProcess.start({ settings });
    await using worker = await QueueProcess.start({ settings });
    await using gateway = await QueueProcess.start({ settings });
    const stop = new AbortController();
    const offeredAtMs = new Map<string, number>();
    const latenciesMs: number[] = [];
    const allTold = new Promise<void>((resolve) => {
      const listener = ({ id }: { readonly id: string }): void => {
        latenciesMs.push(performance.now() - (offeredAtMs.get(id) ?? NaN));
        if (latenciesMs.length === SEGMENTS) resolve();
      };
      void gateway.outcomes.run(listener, stop.signal);
    });
    const loop = new WorkerLoop({
      queue: worker.queue,
      scorer: { score: (segments) => Promise.resolve(segments.map(scoreOf)) },
      batching: () => UNMEASURED_POLICY,
      maxWaitMs: 250,
      clock: systemClock,
      logger: silentLogger,
    });
    const working = loop.run(stop.signal);
    for (let index = 0; index < SEGMENTS; index++) {
      const segment = segmentOf(index % 2 === 0 ? 'a' : 'b', index, { bytes: 590_000 });
      offeredAtMs.set(segment.id, performance.now());
      void ingest.queue.offer(segment);
      await systemClock.sleep(EVERY_MS);
    }
    await allTold;
    stop.abort();
    await working;
    const settled = latenciesMs.slice(WARM_UP).toSorted((a, b) => a - b);
    return settled[settled.length >> 1] ?? NaN;
  };

  test.each([100, 200])('%d ms', { timeout: 60_000 }, async (roundTripMs) => {
    const latencyMs = await medianLatencyMs(roundTripMs);
    if (process.env.FAR_REDIS_FIGURES !== undefined)
      console.log(`${roundTripMs} ms: ${(latencyMs / roundTripMs).toFixed(1)} round trips`);
    expect(latencyMs / roundTripMs).toBeLessThan(ROUND_TRIPS);
  });

  test('that is too far is told, once, and measured', async () => {
    await using slow = await SlowLink.start(server.port, 60);
    const settings = {
      ...server.settings(randomUUID()),
      endpoint: { kind: 'single', url: slow.url } as const,
    };
    await using process = await QueueProcess.start({ settings });
    const warnings: string[] = [];
    const gauges: number[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
    const roundTrip = new RedisRoundTrip({
      ...{ link: process.link, maxFrameAgeMs: 500, logger },
      meter: { ...silentMeter, set: (_name, _labels, value) => gauges.push(value) },
    });
    for (let count = 0; count < 8; count++) await roundTrip.measure();
    expect(warnings).toEqual(['redis is far away: frames get old on their way, and are given up']);
    expect(gauges.at(-1)).toBeGreaterThan(0.05);
  });
});
