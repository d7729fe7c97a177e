// A gateway that stands by answers whoever asks whether it lives, and nothing else.
import { once } from 'node:events';
import { createServer } from 'node:net';

import { expect, test } from 'vitest';

import { silentLogger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { StandbyServer } from '../../../src/server/standby-server.ts';
import { freePort } from '../../support/redis-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const optionsFor = (port: number) => ({
  ...{
    host: '127.0.0.1',
    port,
    authToken: undefined,
    allowedOrigins: [],
    logger: silentLogger,
    meter: silentMeter,
  },
});

test('it lives, it is not ready, and its port is free again when it stops', async () => {
  const port = await freePort();
  const standby = new StandbyServer(optionsFor(port));
  await standby.start();
  const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
  await waitUntil(
    () =>
      ask('/healthz').then(
        ({ ok }) => ok,
        () => false,
      ),
    5_000,
    'an answer',
  );
  const ready = await ask('/readyz');
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({ isReady: false, state: 'standby' });
  expect((await ask('/api/v1/alerts')).status).toBe(503);
  await standby.stop();
  const next = createServer().listen(port, '127.0.0.1');
  await once(next, 'listening');
  next.close();
});

test('a port that is taken is left to whoever has it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const standby = new StandbyServer(optionsFor(port));
  await standby.start();
  await standby.stop();
  other.close();
});
