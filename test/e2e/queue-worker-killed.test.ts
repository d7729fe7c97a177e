// A worker process is killed, or stopped, in mid-batch: what it held is scored by another.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { QueueProcess, scoreOf, segmentOf } from '../support/queue-process.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';

const HOLD = join(import.meta.dirname, '..', 'fixtures', 'children', 'hold-leases.mjs');
const LOCK_MS = 1_000;

describe.skipIf(!hasRedis)('a worker in mid-batch', () => {
  test.each(['SIGKILL', 'SIGSTOP'] as const)('%s', async (signal) => {
    await using server = await RedisServer.start();
    const namespace = randomUUID();
    await using other = await QueueProcess.start({ settings: server.settings(namespace) });
    for (let first = 0; first < 4; first++) await other.queue.offer(segmentOf('a', first));
    const args = [HOLD, server.url, namespace, '3', String(LOCK_MS)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [held] = (await once(child.stdout, 'data')) as [Buffer];
      expect(held.toString()).toBe('a-run-0 a-run-1 a-run-2\n');
      child.kill(signal);
      const attempts = new Map<string, number>();
      while (attempts.size < 4) {
        for (const lease of await other.take(9)) {
          attempts.set(lease.segment.id, lease.attempt);
          await lease.settle(scoreOf(lease.segment));
        }
      }
      expect(Object.fromEntries(attempts)).toEqual({
        ...{ 'a-run-0': 1, 'a-run-1': 1, 'a-run-2': 1, 'a-run-3': 0 },
      });
      expect(await other.account('a')).toMatchObject({ captured: 4, scored: 4, leased: 0 });
    } finally {
      const gone = once(child, 'exit');
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await gone;
      }
    }
  });
});
