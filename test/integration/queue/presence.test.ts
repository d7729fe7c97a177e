// Who is there, and the frames that somebody looks at.
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { cameraId } from '../../../src/core/ids.ts';
import { RedisFrames } from '../../../src/redis/redis-frames.ts';
import { RedisPresence, type MemberFacts } from '../../../src/redis/redis-presence.ts';
import { beginRun } from '../../../src/redis/redis-runs.ts';
import { QueueProcess } from '../../support/queue-process.ts';
import { hasRedis, RedisServer } from '../../support/redis-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const GATE = cameraId('gate');
const YARD = cameraId('yard');

const worker = (...scenes: string[]): MemberFacts => ({
  ...{ role: 'worker', isReady: true, engine: 'onnx', batchFrames: 16 },
  scenes,
});

const ingest: MemberFacts = {
  role: 'ingest',
  cameras: [{ cameraId: GATE, state: 'down', reason: 'no route to host' }],
};

describe.skipIf(!hasRedis)('processes around Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  test('are known while they beat, with what they said last', async () => {
    await using process = await QueueProcess.start({ settings: server.settings(randomUUID()) });
    const presence = new RedisPresence({ link: process.link });
    await presence.beat('a', worker());
    await presence.beat('b', ingest);
    await presence.beat('a', worker('gate/day'));
    const members = await presence.members();
    expect(members).toHaveLength(2);
    expect(members).toEqual(expect.arrayContaining([worker('gate/day'), ingest]));
    await presence.leave('b');
    expect(await presence.members()).toEqual([worker('gate/day')]);
  });

  test('are forgotten when they stop beating', async () => {
    await using process = await QueueProcess.start({ settings: server.settings(randomUUID()) });
    const presence = new RedisPresence({ link: process.link });
    await presence.beat('dies', worker());
    await waitUntil(
      async () => {
        await presence.beat('lives', ingest);
        return (await presence.members()).length === 1;
      },
      10_000,
      'the dead one to be forgotten',
    );
    expect(await presence.members()).toEqual([ingest]);
    const { commands, prefix } = process.link;
    expect(await commands.hkeys(`${prefix}:presence:facts`)).toEqual(['lives']);
  });

  test('frames travel only while somebody looks', async () => {
    await using process = await QueueProcess.start({ settings: server.settings(randomUUID()) });
    const frames = new RedisFrames({ link: process.link });
    const stamp = { sequence: 7, capturedAtMs: 1_700_000_000_000, mediaTimeMs: 1_400 };
    const pixels = new Uint8Array(FRAME_BYTES).map((_, at) => at % 251);
    expect(await frames.wanted()).toEqual(new Set());
    expect(await frames.look(GATE)).toBeUndefined();
    expect(await frames.wanted()).toEqual(new Set([GATE]));
    await frames.show(GATE, { stamp, pixels });
    const seen = await frames.look(GATE);
    expect(seen?.stamp).toEqual(stamp);
    expect(Buffer.compare(Buffer.from(seen?.pixels ?? []), pixels)).toBe(0);
    expect(await frames.look(YARD)).toBeUndefined();
    const ttl = await process.link.commands.pttl(`${process.link.prefix}:frames:gate`);
    expect(ttl).toBeGreaterThan(0);
  });

  test('each run of capture counts on above the one before', async () => {
    await using process = await QueueProcess.start({ settings: server.settings(randomUUID()) });
    expect(await beginRun(process.link)).toBe(0);
    expect(await beginRun(process.link)).toBe(2 ** 32);
    // A gateway remembers how many there were when Redis forgot.
    await process.link.commands.flushall();
    const nothing = { states: new Map(), events: [], done: [] };
    await process.journal.commit({ ...nothing, runCount: 2 });
    expect(await beginRun(process.link)).toBe(2 * 2 ** 32);
  });
});
