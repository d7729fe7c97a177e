// What a worker has settled is free to be collected: nothing in its waits may hold on to pixels.
import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect, test } from 'vitest';

import { systemClock } from '../../../src/app/system-clock.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { WorkerLoop } from '../../../src/pipeline/worker-loop.ts';
import { BullmqFrameQueue } from '../../../src/queue/bullmq-queue.ts';
import { RedisLink } from '../../../src/queue/redis-link.ts';
import { hasRedis, RedisServer } from '../../support/redis-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const SEGMENTS = 120;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test.skipIf(!hasRedis)('a worker keeps no pixels of what it has settled', async () => {
  await using server = await RedisServer.start();
  const link = new RedisLink({
    settings: server.settings(randomUUID()),
    logger: silentLogger,
    meter: silentMeter,
  });
  await link.start();
  const queue = new BullmqFrameQueue({
    ...{ link, maxFramesPerCamera: 256, maxFrames: 256, maxFrameAgeMs: 120_000 },
    ...{ lockMs: 30_000, clock: systemClock, logger: silentLogger, meter: silentMeter },
  });
  const seen: WeakRef<Uint8Array>[] = [];
  const loop = new WorkerLoop({
    queue,
    scorer: {
      score: (segments) => {
        for (const { pixels } of segments) seen.push(new WeakRef(pixels));
        return Promise.resolve(
          segments.map(() => ({ kind: 'dropped', reason: 'no_model' }) as const),
        );
      },
    },
    batching: () => ({ frames: 2, waitMs: 0 }),
    maxWaitMs: 0,
    clock: systemClock,
    logger: silentLogger,
  });
  const stop = new AbortController();
  const working = loop.run(stop.signal);
  for (let sequence = 0; sequence < SEGMENTS; sequence++) {
    await queue.offer({
      id: `door-1-${sequence}`,
      cameraId: cameraId('door'),
      sceneId: sceneId('day'),
      stamps: [{ sequence, capturedAtMs: Date.now(), mediaTimeMs: sequence }],
      hasContext: false,
      pixels: new Uint8Array(4_096),
    });
  }
  await waitUntil(() => seen.length === SEGMENTS, 60_000, 'all segments');
  const alive = (): number => {
    collect();
    return seen.filter((pixels) => pixels.deref() !== undefined).length;
  };
  // Some may still be held by replies and turns under way.
  await waitUntil(() => alive() < SEGMENTS / 4, 10_000, 'collected').catch(() => undefined);
  const kept = alive();
  stop.abort();
  await working;
  await queue.close();
  await link.close();
  expect(kept).toBeLessThan(SEGMENTS / 4);
});
