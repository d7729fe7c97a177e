// A connection that closes while an answer is awaited leaves no timer, which would end the next connection.
import { expect, test } from 'vitest';

import { silentLogger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { RedisLink } from '../../../src/redis/redis-link.ts';
import { hasRedis, RedisServer } from '../../support/redis-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const timers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test.skipIf(!hasRedis)('a read that blocks is cut off', async () => {
  await using server = await RedisServer.start();
  const link = new RedisLink({
    settings: server.settings('timers'),
    logger: silentLogger,
    meter: silentMeter,
  });
  await link.start();
  const before = timers();
  const reader = link.duplicate();
  const read = reader.blpop('nothing', 60).catch(() => 'cut off');
  await waitUntil(
    async () => /blocked_clients:1/.test(await link.commands.info('clients')),
    10_000,
    'a client that blocks',
  );
  expect(timers()).toBeGreaterThan(before);
  reader.disconnect();
  expect(await read).toBe('cut off');
  // Well before its fifteen seconds are over.
  await waitUntil(() => timers() <= before, 5_000, 'its timers to end');
  await link.close();
});
