// A gateway that restarts, or reads late, learns how every segment ended.
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { QueueProcess, scoreOf, segmentOf, Told } from '../../support/queue-process.ts';
import { hasRedis, RedisServer } from '../../support/redis-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

describe.skipIf(!hasRedis)('outcomes through Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  const scoreMany = async (worker: QueueProcess, first: number, count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      await worker.queue.offer(segmentOf('a', first + index));
      const [lease] = await worker.take(1);
      await lease?.settle(scoreOf(lease.segment));
    }
  };

  const scored = (first: number, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `a-run-${first + index}: scored`);

  test('what happened before, between and after gateways is told, in order', async () => {
    const settings = server.settings(randomUUID());
    await using worker = await QueueProcess.start({ settings });
    await scoreMany(worker, 0, 100);
    const told = new Told();
    for (const first of [100, 150]) {
      await using gateway = await QueueProcess.start({ settings });
      const stop = new AbortController();
      const running = gateway.hear(told, stop.signal);
      await waitUntil(() => told.endings.length === first, 10_000, 'the backlog');
      await scoreMany(worker, first, 25);
      await waitUntil(() => told.endings.length === first + 25, 10_000, 'the new ones');
      stop.abort();
      await running;
      await scoreMany(worker, first + 25, 25);
    }
    await using gateway = await QueueProcess.start({ settings });
    const stop = new AbortController();
    const running = gateway.hear(told, stop.signal);
    await waitUntil(() => told.endings.length >= 200, 10_000, 'the rest');
    stop.abort();
    await running;
    expect(told.endings).toEqual(scored(0, 200));
  });

  test('a gateway that dies over an outcome is followed by one that is told it again', async () => {
    const settings = server.settings(randomUUID());
    await using worker = await QueueProcess.start({ settings });
    await scoreMany(worker, 0, 10);
    const dying = await QueueProcess.start({ settings });
    const heard: string[] = [];
    await expect(
      dying.outcomes.run(({ id }) => {
        heard.push(id);
        if (heard.length === 4) throw new Error('dies here');
      }, new AbortController().signal),
    ).rejects.toThrow('dies here');
    await dying.die();
    await using gateway = await QueueProcess.start({ settings });
    const told = new Told();
    const stop = new AbortController();
    const running = gateway.hear(told, stop.signal);
    await waitUntil(() => told.endings.length >= 10, 10_000, 'all of them');
    await scoreMany(worker, 10, 1);
    await waitUntil(() => told.endings.length >= 11, 10_000, 'the next');
    stop.abort();
    await running;
    expect(told.endings).toEqual(scored(0, 11));
  });

  test('a cut connection tells nothing twice and leaves nothing out', async () => {
    const settings = server.settings(randomUUID());
    await using worker = await QueueProcess.start({ settings });
    await using gateway = await QueueProcess.start({ settings });
    const told = new Told();
    const stop = new AbortController();
    const running = gateway.hear(told, stop.signal);
    for (const round of [0, 1, 2, 3]) {
      await worker.link.commands.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await scoreMany(worker, round * 5, 5);
    }
    await waitUntil(() => told.endings.length >= 20, 20_000, 'all of them');
    stop.abort();
    await running;
    expect(told.endings).toEqual(scored(0, 20));
  });

  test('what was told is forgotten', async () => {
    const settings = server.settings(randomUUID());
    await using worker = await QueueProcess.start({ settings });
    const told = new Told();
    const stop = new AbortController();
    const running = worker.hear(told, stop.signal);
    await scoreMany(worker, 0, 5);
    const { commands, prefix } = worker.link;
    await waitUntil(
      async () => (await commands.xlen(`${prefix}:outcomes`)) === 0,
      10_000,
      'an empty stream',
    );
    expect(told.endings).toEqual(scored(0, 5));
    stop.abort();
    await running;
  });

  test('without a gateway, work stops before a result is lost', async () => {
    const settings = server.settings(randomUUID());
    await using worker = await QueueProcess.start({
      ...{ settings, maxUnread: 5, maxFramesPerCamera: 16 },
    });
    await scoreMany(worker, 0, 5);
    for (let first = 5; first < 40; first++) await worker.queue.offer(segmentOf('a', first));
    const stop = new AbortController();
    const held = worker.queue.take(99, stop.signal);
    expect(await worker.account('a')).toMatchObject({ captured: 40, scored: 5, leased: 0 });
    const told = new Told();
    const running = worker.hear(told, stop.signal);
    const leases = await held;
    expect(leases.length).toBe(16);
    for (const lease of leases) await lease.settle(scoreOf(lease.segment));
    await waitUntil(
      () => told.endings.filter((ending) => ending.endsWith('scored')).length === 21,
      10_000,
      'all results',
    );
    stop.abort();
    await running;
    expect((await worker.account('a'))?.dropped).toEqual({ queue_full: 19 });
  });
});
