// The accounting identity over several processes at once, whatever they do and whichever dies: read at any
// instant, captured = scored + dropped + waiting + leased; at the end every segment was told once.
import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { SegmentLease } from '../../../src/core/ports/frame-queue.ts';
import {
  accountedFor,
  QueueProcess,
  scoreOf,
  segmentOf,
  Told,
} from '../../support/queue-process.ts';
import { hasRedis, RedisServer } from '../../support/redis-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

type Ending = 'score' | 'drop' | 'giveBack' | 'twice';

interface Load {
  /** One list for each ingest: camera and frames of each segment. */
  readonly offers: readonly (readonly [camera: string, frames: number])[][];
  /** How each worker ends its leases, over and over. */
  readonly endings: readonly (readonly Ending[])[];
  readonly batch: number;
  /** A worker that dies over its leases after so many batches. */
  readonly dyingAfter: number;
  readonly maxFramesPerCamera: number;
}

const offer = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 5 }));
const ending = fc.constantFrom<Ending>('score', 'score', 'drop', 'giveBack', 'twice');
const load: fc.Arbitrary<Load> = fc.record({
  offers: fc.array(fc.array(offer, { maxLength: 40 }), { minLength: 2, maxLength: 2 }),
  endings: fc.array(fc.array(ending, { minLength: 1, maxLength: 6 }), {
    ...{ minLength: 2, maxLength: 2 },
  }),
  batch: fc.integer({ min: 1, max: 12 }),
  dyingAfter: fc.integer({ min: 0, max: 4 }),
  maxFramesPerCamera: fc.integer({ min: 4, max: 40 }),
});

const end = async (lease: SegmentLease, how: Ending | undefined): Promise<void> => {
  if (how === 'giveBack') await lease.giveBack();
  else if (how === 'drop') await lease.settle({ kind: 'dropped', reason: 'no_model' });
  else await lease.settle(scoreOf(lease.segment));
  if (how === 'twice') await Promise.all([lease.settle(scoreOf(lease.segment)), lease.giveBack()]);
};

/** Resolves when every frame has ended and every ending was told; rejects when an account is ever wrong. */
const play = async (given: Load, open: () => Promise<QueueProcess>): Promise<void> => {
  const stop = new AbortController();
  const observer = await open();
  const told = new Told();
  const telling = observer.outcomes.run(told.listener, stop.signal);

  let offered = 0;
  const ingesting = given.offers.map(async (segments, ingest) => {
    const { queue } = await open();
    let first = 0;
    for (const [camera, frameCount] of segments) {
      await queue.offer(segmentOf(`${camera}${ingest}`, first, { frameCount }));
      first += frameCount;
      offered += 1;
    }
  });
  const working = given.endings.map(async (endings) => {
    const { queue } = await open();
    for (let count = 0; !stop.signal.aborted;) {
      for (const lease of await queue.take(given.batch, stop.signal))
        await end(lease, endings[count++ % endings.length]);
    }
  });
  const dying = open().then(async (worker) => {
    for (let batch = 0; batch < given.dyingAfter; batch++) {
      for (const lease of await worker.queue.take(given.batch, stop.signal))
        await end(lease, 'score');
    }
    const last = new AbortController();
    const taking = worker.queue.take(given.batch, last.signal);
    await Promise.all(ingesting);
    last.abort();
    await taking;
    await worker.die();
  });

  const isOver = async (): Promise<boolean> => {
    const accounts = [...(await observer.ledger.read()).values()];
    for (const account of accounts) expect(accountedFor(account)).toBe(account.captured);
    return accounts.every(({ waiting, leased }) => waiting + leased === 0);
  };
  let isOffered = false;
  const ended = Promise.all(ingesting).then(() => {
    isOffered = true;
  });
  await waitUntil(async () => (await isOver()) && isOffered, 30_000, 'every frame to end');
  await ended;
  await waitUntil(() => told.endings.length >= offered, 10_000, 'every outcome');
  stop.abort();
  await Promise.all([...working, dying, telling]);
  const ids = told.endings.map((text) => text.split(':')[0]);
  expect(new Set(ids).size).toBe(offered);
  expect(ids).toHaveLength(offered);
};

describe.skipIf(!hasRedis)('accounts over processes', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  const run = async (given: Load): Promise<void> => {
    const settings = server.settings(randomUUID());
    const bounds = { maxFramesPerCamera: given.maxFramesPerCamera, maxFrames: 60, lockMs: 300 };
    const opened: QueueProcess[] = [];
    try {
      await play(given, async () => {
        const process = await QueueProcess.start({ settings, ...bounds });
        opened.push(process);
        return process;
      });
    } finally {
      for (const process of opened) await process[Symbol.asyncDispose]();
    }
  };

  test('random loads, several ingests and workers, one of which dies', async () => {
    await fc.assert(fc.asyncProperty(load, run), { numRuns: 12, endOnFailure: true });
  }, 180_000);
});
