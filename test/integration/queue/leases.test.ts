// Workers that die, hang or come back late: another takes over, and every segment still ends once.
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { silentLogger } from '../../../src/core/ports/logger.ts';
import type { RedisSettings } from '../../../src/redis/redis-settings.ts';
import {
  QueueProcess,
  scoreOf,
  segmentOf,
  type QueueProcessOptions,
} from '../../support/queue-process.ts';
import { hasRedis, RedisServer } from '../../support/redis-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

/** A logger that keeps its warnings: what mends itself by and by should not have had to. */
const listened = () => {
  const warnings: string[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
  };
  return { warnings, logger: { ...silentLogger, warn } };
};

const blockedClients = async ({ link }: QueueProcess): Promise<number> =>
  Number(/blocked_clients:(\d+)/.exec(await link.commands.info('clients'))?.[1]);

describe.skipIf(!hasRedis)('leases on Redis', () => {
  let server: RedisServer;
  let settings: RedisSettings;

  beforeAll(async () => {
    server = await RedisServer.start();
    settings = server.settings(randomUUID());
  });

  afterAll(() => server[Symbol.asyncDispose]());

  const open = async (options: Partial<QueueProcessOptions> = {}) => {
    const own = { settings: { ...settings, namespace: randomUUID() }, ...options };
    const first = await QueueProcess.start(own);
    const second = await QueueProcess.start(own);
    return {
      first,
      second,
      [Symbol.asyncDispose]: async () => {
        await first[Symbol.asyncDispose]();
        await second[Symbol.asyncDispose]();
      },
    };
  };

  test('a worker dies: another takes its segments over, with their pixels', async () => {
    await using pair = await open();
    const { first, second } = pair;
    const segments = [segmentOf('a', 0, { frameCount: 2 }), segmentOf('a', 2, { frameCount: 2 })];
    for (const segment of segments) await first.queue.offer(segment);
    expect(await first.take(4)).toHaveLength(2);
    await first.die();
    const taken = [...(await second.take(2)), ...(await second.take(2))];
    expect(taken.map(({ segment }) => segment).toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
      segments,
    );
    expect(taken.map(({ attempt }) => attempt)).toEqual([1, 1]);
    for (const lease of taken) await lease.settle(scoreOf(lease.segment));
    expect(await second.account('a')).toMatchObject({ captured: 4, scored: 4, leased: 0 });
  });

  test('a worker that was taken for dead scores too: its result changes nothing', async () => {
    await using pair = await open();
    const { first, second } = pair;
    await second.queue.offer(segmentOf('a', 0));
    const [slow] = await first.take(1);
    // Nothing is renewed any more, but the connections live.
    await first.queue.close();
    const [quick] = await second.take(1);
    expect(quick?.attempt).toBe(1);
    await slow?.settle(scoreOf(slow.segment));
    expect(await second.account('a')).toMatchObject({ scored: 0, leased: 1 });
    await quick?.settle(scoreOf(quick.segment));
    expect(await second.account('a')).toMatchObject({ captured: 1, scored: 1, leased: 0 });
    expect(await second.link.commands.xlen(`${second.link.prefix}:outcomes`)).toBe(1);
  });

  test('a lease is kept for as long as its worker renews it', async () => {
    await using pair = await open();
    const { first, second } = pair;
    await first.queue.offer(segmentOf('a', 0));
    const [lease] = await first.take(1);
    const stop = new AbortController();
    const other = second.queue.take(1, stop.signal);
    const { commands, prefix } = first.link;
    // The check that finds dead workers has come round at least three times.
    let checks = 0;
    let last: string | null = null;
    await waitUntil(
      async () => {
        const now = await commands.get(`${prefix}:turns:stalled-check`);
        if (now !== null && now !== last) checks += 1;
        last = now ?? last;
        return checks > 4;
      },
      20_000,
      'checks for dead workers',
    );
    stop.abort();
    expect(await other).toEqual([]);
    await lease?.settle(scoreOf(lease.segment));
    expect(await first.account('a')).toMatchObject({ scored: 1, leased: 0 });
  });

  test('a segment that kills every worker is dropped after its third', async () => {
    const namespace = randomUUID();
    await using last = await QueueProcess.start({ settings: { ...settings, namespace } });
    await last.queue.offer(segmentOf('a', 0));
    for (const attempt of [0, 1, 2]) {
      const worker = await QueueProcess.start({ settings: { ...settings, namespace } });
      const [lease] = await worker.take(1);
      expect(lease?.attempt).toBe(attempt);
      await worker.die();
    }
    const stop = new AbortController();
    const none = last.queue.take(1, stop.signal);
    await waitUntil(
      async () => (await last.account('a'))?.dropped.scorer_failed === 1,
      20_000,
      'the drop',
    );
    stop.abort();
    expect(await none).toEqual([]);
    expect(await last.queue.depth()).toEqual({ frames: 0, oldestAgeMs: 0 });
  });

  test('offered twice it is one segment, whatever has become of it', async () => {
    await using pair = await open();
    const { first, second } = pair;
    const segment = segmentOf('a', 0);
    await first.queue.offer(segment);
    await second.queue.offer(segment);
    const [lease, ...others] = await first.take(9);
    expect(others).toEqual([]);
    await second.queue.offer(segment);
    await lease?.settle(scoreOf(segment));
    await second.queue.offer(segment);
    expect(await first.account('a')).toMatchObject({ captured: 1, scored: 1, waiting: 0 });
  });

  test('beyond the priorities that BullMQ knows, first come is first served', async () => {
    await using pair = await open();
    const { first, second } = pair;
    await first.queue.offer(segmentOf('a', 0));
    const { commands, prefix } = first.link;
    await commands.hset(`${prefix}:state`, 'virtual', 3_000_000);
    for (const sequence of [0, 1]) {
      await first.queue.offer(segmentOf('b', sequence));
      await first.queue.offer(segmentOf('c', sequence));
    }
    const cameras: string[] = [];
    for (let taken = 0; taken < 5; taken++)
      for (const { segment } of await second.take(1)) cameras.push(segment.cameraId);
    expect(cameras).toEqual(['a', 'b', 'c', 'b', 'c']);
  });

  test('several who take in one process lose no turn', async () => {
    const namespace = randomUUID();
    const { warnings, logger } = listened();
    await using ingest = await QueueProcess.start({ settings: { ...settings, namespace } });
    await using worker = await QueueProcess.start({
      ...{ settings: { ...settings, namespace }, lockMs: 60_000, logger },
    });
    const stop = new AbortController();
    let scored = 0;
    const takers = [1, 2, 3].map(async () => {
      while (!stop.signal.aborted) {
        for (const lease of await worker.queue.take(4, stop.signal)) {
          await lease.settle(scoreOf(lease.segment));
          scored += 1;
        }
      }
    });
    const SEGMENTS = 1_500;
    for (let first = 0; first < SEGMENTS; first += 1) {
      await ingest.queue.offer(segmentOf(`camera${first % 8}`, first));
    }
    await waitUntil(() => scored === SEGMENTS, 20_000, 'all of them');
    stop.abort();
    await Promise.all(takers);
    expect(warnings).toEqual([]);
  });

  test('a busy process leaves turns to one that waits', async () => {
    const { warnings, logger } = listened();
    await using pair = await open({ lockMs: 60_000, logger });
    const { first, second } = pair;
    const leaving = new AbortController();
    const left = first.queue.take(1, leaving.signal);
    await waitUntil(async () => (await blockedClients(first)) === 1, 10_000, 'it to wait');
    leaving.abort();
    await left;
    const waiting = second.take(1);
    await waitUntil(async () => (await blockedClients(first)) === 2, 10_000, 'both to wait');
    await first.queue.offer(segmentOf('a', 0));
    expect(await waiting).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  test('frames whose turn was lost get a new one', async () => {
    await using pair = await open();
    const { first, second } = pair;
    await first.queue.offer(segmentOf('a', 0));
    await first.queue.offer(segmentOf('b', 0));
    const { commands, prefix } = first.link;
    await commands.del(`${prefix}:turns:prioritized`);
    const taken = [...(await second.take(1)), ...(await second.take(1))];
    expect(taken.map(({ segment }) => segment.id).toSorted()).toEqual(['a-run-0', 'b-run-0']);
  });

  test('a lease whose turn was lost comes back', async () => {
    await using pair = await open();
    const { first, second } = pair;
    await first.queue.offer(segmentOf('a', 0));
    expect(await first.take(1)).toHaveLength(1);
    await first.die();
    const { commands, prefix } = second.link;
    await commands.del(`${prefix}:turns:active`, `${prefix}:turns:a-run-0`);
    const [lease] = await second.take(1);
    expect(lease?.segment.id).toBe('a-run-0');
    expect(lease?.attempt).toBe(1);
  });

  test('claims that whoever asked for them abandons cost no attempt', async () => {
    await using pair = await open();
    const { first } = pair;
    await first.queue.offer(segmentOf('a', 0));
    let tried = 0;
    for (let count = 0; count < 5; count++) {
      const stop = new AbortController();
      const taking = first.queue.take(1, stop.signal);
      // The claim is on its way, or made, when nobody wants it any more.
      await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      for (const lease of await taking) {
        tried += 1;
        await lease.giveBack();
      }
    }
    const [lease] = await first.take(1);
    expect(lease?.segment.id).toBe('a-run-0');
    expect(lease?.attempt).toBe(tried);
  });
});
