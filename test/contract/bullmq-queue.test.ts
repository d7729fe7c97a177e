import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe } from 'vitest';

import { silentLogger } from '../../src/core/ports/logger.ts';
import { silentMeter } from '../../src/core/ports/meter.ts';
import { BullmqFrameQueue } from '../../src/queue/bullmq-queue.ts';
import { RedisJournal } from '../../src/redis/redis-journal.ts';
import { RedisLink } from '../../src/redis/redis-link.ts';
import { RedisOutcomes } from '../../src/redis/redis-outcomes.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { systemClock } from '../../src/process/system-clock.ts';
import { frameQueueSuite, type MakeQueue } from './frame-queue-suite.ts';

let server: RedisServer;

/** Everything that has been settled or dropped by now has been told. */
const untilTold = async (link: RedisLink): Promise<void> => {
  const stream = `${link.prefix}:outcomes`;
  await waitUntil(async () => (await link.commands.xlen(stream)) === 0, 10_000, 'outcomes');
};

const makeQueue: MakeQueue = async ({ clock, onOutcome, ...bounds }) => {
  const link = new RedisLink({
    settings: server.settings(randomUUID()),
    logger: silentLogger,
    meter: silentMeter,
  });
  await link.start();
  const open = (): BullmqFrameQueue =>
    new BullmqFrameQueue({
      ...bounds,
      link,
      lockMs: 30_000,
      clock,
      ageClock: clock,
      logger: silentLogger,
      meter: silentMeter,
    });
  const stop = new AbortController();
  const outcomes = new RedisOutcomes({ link, clock: systemClock, logger: silentLogger });
  const journal = new RedisJournal({ link, token: 'test', keptEvents: 1, clock: systemClock });
  const telling = outcomes.run((segment, outcome, id) => {
    onOutcome(segment, outcome);
    void journal.commit({ states: new Map(), events: [], done: [id], runCount: 0 });
  }, stop.signal);
  return {
    queue: open(),
    openAnother: open,
    untilTold: () => untilTold(link),
    release: async () => {
      stop.abort();
      await telling;
      await link.close();
    },
  };
};

describe.skipIf(!hasRedis)('redis-server', () => {
  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  frameQueueSuite('BullmqFrameQueue', makeQueue, { isShared: true });
});
