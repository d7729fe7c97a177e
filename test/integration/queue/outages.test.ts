// Redis goes away, comes back, forgets nothing, or is full: ingest and workers live on, and every frame is
// accounted for.
import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  accountedFor,
  QueueProcess,
  scoreOf,
  segmentOf,
  Told,
} from '../../support/queue-process.ts';
import { hasRedis, RedisServer } from '../../support/redis-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

describe.skipIf(!hasRedis)('outages of Redis', () => {
  let server: RedisServer;

  const startServer = async (args: readonly string[] = []): Promise<void> => {
    await server[Symbol.asyncDispose]();
    server = await RedisServer.start({ args });
  };

  beforeEach(async () => {
    server = await RedisServer.start({ isDurable: true });
  });

  afterEach(() => server[Symbol.asyncDispose]());

  /** Scores whatever comes, until stopped. */
  const work = async (worker: QueueProcess, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const leases = await worker.queue.take(8, signal);
      if (leases.length === 0) return; // closed
      for (const lease of leases) await lease.settle(scoreOf(lease.segment));
    }
  };

  test('killed and started again, it has lost nothing', async () => {
    const settings = server.settings(randomUUID());
    await using ingest = await QueueProcess.start({ settings });
    await using worker = await QueueProcess.start({ settings });
    await using gateway = await QueueProcess.start({ settings });
    const told = new Told();
    const stop = new AbortController();
    const telling = gateway.hear(told, stop.signal);
    for (let first = 0; first < 20; first++) await ingest.queue.offer(segmentOf('a', first));
    const held = await worker.take(5);
    await server.kill();
    await waitUntil(() => !ingest.link.isUp, 10_000, 'the outage to be seen');
    const settling = held.map((lease) => lease.settle(scoreOf(lease.segment)));
    for (let first = 20; first < 40; first++) await ingest.queue.offer(segmentOf('a', first));
    const working = work(worker, stop.signal);
    await server.start();
    await Promise.all(settling);
    await waitUntil(() => told.endings.length >= 40, 30_000, 'every outcome');
    stop.abort();
    await Promise.all([working, telling]);
    expect(told.endings.toSorted()).toEqual(
      Array.from({ length: 40 }, (_, first) => `a-run-${first}: scored`).toSorted(),
    );
    expect(await ingest.account('a')).toMatchObject({ captured: 40, scored: 40, dropped: {} });
  });

  test('away for longer than the ingest can keep frames: those lost are counted and told', async () => {
    const settings = server.settings(randomUUID());
    const released: string[] = [];
    await using ingest = await QueueProcess.start({
      ...{ settings, maxBacklogFrames: 10 },
      onReleased: ({ id }) => {
        released.push(id);
      },
    });
    await server.stop();
    await waitUntil(() => !ingest.link.isUp, 10_000, 'the outage to be seen');
    for (let first = 0; first < 30; first++) await ingest.queue.offer(segmentOf('a', first));
    for (let first = 0; first < 3; first++) await ingest.queue.offer(segmentOf('b', first));
    await expect(ingest.queue.depth()).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    await expect(ingest.ledger.read()).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    await server.start();
    await waitUntil(() => ingest.link.isUp, 10_000, 'Redis to be back');
    await waitUntil(
      async () => (await ingest.account('a'))?.captured === 30,
      10_000,
      'the frames to be counted',
    );
    expect(await ingest.account('a')).toMatchObject({
      ...{ captured: 30, waiting: 7, dropped: { queue_unavailable: 23 } },
    });
    expect(await ingest.account('b')).toMatchObject({ captured: 3, waiting: 3, dropped: {} });
    expect(released).toHaveLength(33);
    const told = new Told();
    const stop = new AbortController();
    const telling = ingest.hear(told, stop.signal);
    await waitUntil(() => told.endings.length >= 23, 10_000, 'the drops');
    stop.abort();
    await telling;
    expect(told.endings).toEqual(
      Array.from({ length: 23 }, (_, first) => `a-run-${first}: queue_unavailable`),
    );
  });

  test('closing while Redis is away does not wait for it', async () => {
    const settings = server.settings(randomUUID());
    const ingest = await QueueProcess.start({ settings });
    await ingest.queue.offer(segmentOf('a', 0));
    const [lease] = await ingest.take(1);
    const taking = ingest.take(1);
    await server.kill();
    await waitUntil(() => !ingest.link.isUp, 10_000, 'the outage to be seen');
    await ingest.queue.offer(segmentOf('a', 1));
    const settling = lease?.settle(scoreOf(lease.segment));
    await ingest.queue.close();
    expect(await taking).toEqual([]);
    await settling;
    await ingest.link.close();
  });

  test('full: frames are dropped and counted, and it goes on when there is room', async () => {
    await startServer(['--maxmemory', '12mb']);
    const settings = server.settings(randomUUID());
    await using ingest = await QueueProcess.start({
      ...{ settings, maxBacklogFrames: 10, maxFrameAgeMs: 2_000 },
    });
    let offered = 0;
    const offer = async (): Promise<void> => {
      await ingest.queue.offer(segmentOf('a', offered++, { bytes: 400_000 }));
    };
    while (offered < 60) await offer();
    // More than fits: 60 × 400 kB.
    await using worker = await QueueProcess.start({ settings, maxFrameAgeMs: 2_000 });
    const stop = new AbortController();
    const working = work(worker, stop.signal);
    await waitUntil(
      async () => {
        const account = await worker.account('a');
        expect(accountedFor(account)).toBe(account?.captured ?? 0);
        return account?.captured === offered && account.waiting + account.leased === 0;
      },
      30_000,
      'every frame to end',
    );
    const { dropped, scored } = (await worker.account('a'))!;
    expect(dropped.queue_unavailable).toBeGreaterThan(0);
    await offer();
    await waitUntil(
      async () => (await worker.account('a'))!.scored > scored,
      10_000,
      'work to go on',
    );
    stop.abort();
    await working;
  });

  test('a Redis that hangs is taken for gone, and found again', async () => {
    const settings = server.settings(randomUUID());
    await using ingest = await QueueProcess.start({ settings, maxBacklogFrames: 5 });
    server.freeze();
    const offering = Array.from({ length: 20 }, (_, first) =>
      ingest.queue.offer(segmentOf('a', first)),
    );
    await waitUntil(() => !ingest.link.isUp, 60_000, 'the silence to be noticed');
    await Promise.all(offering);
    server.thaw();
    await waitUntil(() => ingest.link.isUp, 20_000, 'Redis to be back');
    await waitUntil(
      async () => (await ingest.account('a'))?.captured === 20,
      10_000,
      'the frames to be counted',
    );
    const account = await ingest.account('a');
    expect(accountedFor(account)).toBe(20);
    expect(account?.waiting).toBe(5);
  });
});
