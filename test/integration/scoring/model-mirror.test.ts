// Scene models from the gateway's folder through Redis into a worker's.
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ModelMirror } from '../../../src/scoring/model-mirror.ts';
import { ModelPublisher } from '../../../src/scoring/model-publisher.ts';
import { systemClock } from '../../../src/process/system-clock.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import { RedisModels } from '../../../src/redis/redis-models.ts';
import { FsModelStore } from '../../../src/store/fs-model-store.ts';
import { QueueProcess, segmentOf } from '../../support/queue-process.ts';
import { hasRedis, RedisServer } from '../../support/redis-server.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { sceneModel } from '../../unit/store/scene-models.ts';

const DOOR = cameraId('door');
const DAY = sceneId('day');
const CAMERAS = [{ id: DOOR, scenes: [{ sceneId: DAY }] }] as const;

const segment = { ...segmentOf('door', 0), sceneId: DAY };
const never = new AbortController().signal;

describe.skipIf(!hasRedis)('scene models through Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  const openStand = async () => {
    const process = await QueueProcess.start({ settings: server.settings(randomUUID()) });
    const folder = await tempDir();
    const gatewayStore = new FsModelStore({ folder: folder.at('gateway') });
    const workerStore = new FsModelStore({ folder: folder.at('worker') });
    const models = new RedisModels({ link: process.link });
    const publisher = new ModelPublisher({
      cameras: CAMERAS,
      store: gatewayStore,
      models,
      logger: silentLogger,
    });
    const seen: (string | undefined)[] = [];
    const mirror = new ModelMirror({
      scorer: {
        score: async () => {
          seen.push(await workerStore.currentVersion(DOOR, DAY));
          return [];
        },
      },
      models,
      isUp: () => process.link.isUp,
      store: workerStore,
      clock: systemClock,
      logger: silentLogger,
    });
    const close = async (): Promise<void> => {
      await process[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    };
    return {
      [Symbol.asyncDispose]: close,
      process,
      gatewayStore,
      workerStore,
      models,
      publisher,
      mirror,
      seen,
    };
  };

  test('a model is there before its scene is scored, and a refit soon after', async () => {
    await using stand = await openStand();
    const { gatewayStore, workerStore, publisher, mirror, seen } = stand;
    const { version: first } = await gatewayStore.save(sceneModel(1));
    await publisher.publish();
    await Promise.all([mirror.score([segment, segment], never), mirror.score([segment], never)]);
    expect(seen).toEqual([first, first]);
    const { version: second } = await gatewayStore.save(sceneModel(2));
    await publisher.publish();
    await waitUntil(
      async () => {
        await mirror.score([segment], never);
        return seen.at(-1) === second;
      },
      10_000,
      'the refitted model',
    );
    expect(await workerStore.versions(DOOR, DAY)).toContain(second);
    await gatewayStore.rollBack(DOOR, DAY, first);
    await publisher.publish();
    await waitUntil(
      async () => {
        await mirror.score([segment], never);
        return seen.at(-1) === first;
      },
      10_000,
      'the model before it',
    );
  });

  test('a Redis that lost its data is given them again; a worker keeps what it has', async () => {
    await using stand = await openStand();
    const { process, gatewayStore, models, publisher, mirror, seen } = stand;
    const { version } = await gatewayStore.save(sceneModel(1));
    await publisher.publish();
    await mirror.score([segment], never);
    await process.link.commands.flushall();
    await mirror.score([segment], never);
    expect(seen).toEqual([version, version]);
    await publisher.publish();
    expect(await models.has(version)).toBe(true);
    expect(await models.versions()).toEqual(new Map([['door/day', version]]));
  });

  test('what is not what its name says is not used', async () => {
    await using stand = await openStand();
    const { process, models, mirror, seen } = stand;
    const version = 'a'.repeat(64);
    await models.publish('door/day', version, new Uint8Array(3_000_000));
    await mirror.score([segment], never);
    expect(seen).toEqual([undefined]);
    // Taken away, so that the gateway publishes it again.
    await waitUntil(async () => !(await models.has(version)), 10_000, 'it to be gone');
    expect(process.link.isUp).toBe(true);
  });
});
