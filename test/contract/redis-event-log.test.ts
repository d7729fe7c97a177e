import { randomUUID } from 'node:crypto';

import { describe } from 'vitest';

import { RedisEventLog } from '../../src/events/redis-event-log.ts';
import { systemClock } from '../../src/process/system-clock.ts';
import { RedisJournal } from '../../src/redis/redis-journal.ts';
import { QueueProcess } from '../support/queue-process.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';
import { eventLogSuite } from './event-log-suite.ts';

describe.skipIf(!hasRedis)('on a real redis-server', () => {
  eventLogSuite('RedisEventLog', async () => {
    const server = await RedisServer.start();
    const settings = server.settings(randomUUID());
    const processes: QueueProcess[] = [];
    return {
      open: async () => {
        await processes.at(-1)?.die();
        const process = await QueueProcess.start({ settings });
        processes.push(process);
        const { link } = process;
        const token = 'gateway';
        const journal = new RedisJournal({ link, token, keptEvents: 1_000, clock: systemClock });
        const log = new RedisEventLog({ journal, clock: systemClock });
        await log.open();
        return log;
      },
      [Symbol.asyncDispose]: async () => {
        for (const process of processes) await process.die();
        await server[Symbol.asyncDispose]();
      },
    };
  });
});
