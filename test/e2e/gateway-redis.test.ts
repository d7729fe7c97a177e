// A gateway as a process of its own on a real Redis: it takes over from one that hangs and still holds the port, and
// goes on when Redis forgets everything in the middle of its work.
import { writeFile } from 'node:fs/promises';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { readMetrics } from '../support/metric-values.ts';
import { Patchwatch } from '../support/patchwatch.ts';
import { accountedFor, QueueProcess, scoreOf, segmentOf } from '../support/queue-process.ts';
import { freePort, hasRedis, RedisServer } from '../support/redis-server.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { waitUntil } from '../support/wait-until.ts';

const SECOND = 1_000;
const CAMERA = 'gate';
const LABEL = `camera="${CAMERA}"`;

describe.skipIf(!hasRedis)('a gateway on Redis', () => {
  let folder: TempDir;
  let redis: RedisServer;
  let port: number;

  beforeEach(async () => {
    folder = await tempDir();
    redis = await RedisServer.start();
    port = await freePort();
    await writeFile(
      folder.at('patchwatch.yaml'),
      `
dataDir: data
log: { format: json }
server: { port: ${port} }
queue: { kind: bullmq, redis: { url: '${redis.url}', namespace: test } }
cameras:
  ${CAMERA}: { url: 'rtsp://127.0.0.1:9/cam' }
`,
    );
  });

  afterEach(async () => {
    await redis[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const gateway = (): Patchwatch =>
    new Patchwatch(['run', '--role', 'gateway'], { cwd: folder.path });

  const untilSays = (process: Patchwatch, text: string): Promise<void> =>
    waitUntil(() => process.stderr.includes(text), 30 * SECOND, `"${text}"`);

  const answers = (path: string): Promise<string> =>
    fetch(`http://127.0.0.1:${port}${path}`).then(
      (reply) => reply.text(),
      () => '',
    );

  test('it takes over from one that hangs, and listens when the port is free', async () => {
    await using first = gateway();
    await untilSays(first, '"message":"watching"');
    await using second = gateway();
    await untilSays(second, 'another gateway is running: standing by');
    try {
      // It holds the port, and no longer says that it is the one.
      first.kill('SIGSTOP');
      await untilSays(second, 'took over, and can’t listen yet: trying again');
      expect(second.stderr).not.toContain('"message":"watching"');
    } finally {
      first.kill('SIGKILL');
    }
    await untilSays(second, '"message":"watching"');
    expect(await answers('/healthz')).toContain('ok');
    expect(JSON.parse(await answers('/api/v1/cameras'))).toBeTruthy();
    expect(second.stderr.split('can’t listen yet').length).toBe(2);
    second.kill('SIGTERM');
    expect((await second.outcome()).code).toBe(0);
  });

  test('FLUSHALL in the middle of a run: accounts begin anew from a zero that holds, and it is told', async () => {
    const settings = redis.settings('test');
    await using daemon = gateway();
    await untilSays(daemon, '"message":"watching"');
    await using ingest = await QueueProcess.start({ settings });
    await using worker = await QueueProcess.start({ settings });
    let next = 0;
    const offer = async (segments: number): Promise<void> => {
      for (let count = 0; count < segments; count += 1, next += 2)
        await ingest.queue.offer(segmentOf(CAMERA, next, { frameCount: 2 }));
    };
    const score = async (frames: number): Promise<void> => {
      for (let left = frames; left > 0;) {
        for (const lease of await worker.take(2)) {
          left -= lease.segment.stamps.length;
          await lease.settle(scoreOf(lease.segment));
        }
      }
    };
    const told = async () => {
      const value = await readMetrics(`http://127.0.0.1:${port}`);
      return {
        captured: value('patchwatch_frames_captured_total', LABEL),
        scored: value('patchwatch_frames_scored_total', LABEL),
        dropped: value('patchwatch_frames_dropped_total', LABEL),
        inFlight: value('patchwatch_frames_in_flight', LABEL),
      };
    };
    const untilTold = (frames: number): Promise<void> =>
      waitUntil(async () => (await told()).scored === frames, 20 * SECOND, `${frames} scored`);
    const expectBalanced = async (): Promise<void> => {
      const { captured, scored, dropped, inFlight } = await told();
      expect(scored + dropped + inFlight).toBe(captured);
    };

    await offer(20);
    await score(30);
    await untilTold(30);
    await expectBalanced();
    // Some wait, some are under way, some are told but not read: all of it is forgotten.
    const held = await worker.take(4);
    expect(held.length).toBeGreaterThan(0);
    await worker.link.commands.flushall();
    for (const lease of held) await lease.settle(scoreOf(lease.segment));
    await untilSays(daemon, 'redis has lost its accounts: they begin anew');
    await expectBalanced();
    expect((await told()).captured).toBe(0);

    await offer(10);
    await score(20);
    await untilTold(20);
    expect(await told()).toEqual({ captured: 20, scored: 20, dropped: 0, inFlight: 0 });
    const account = await ingest.account(CAMERA);
    expect(accountedFor(account)).toBe(account?.captured);
    expect(daemon.stderr.split('lost its accounts').length).toBe(2);
    daemon.kill('SIGTERM');
    expect((await daemon.outcome()).code).toBe(0);
  });
});
