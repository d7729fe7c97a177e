import fc from 'fast-check';
import { expect, test } from 'vitest';

import { deferred } from '../../../src/core/deferred.ts';
import { cameraId, sceneId, type CameraId } from '../../../src/core/ids.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import type { MotionEstimator } from '../../../src/core/ports/motion-estimator.ts';
import { RelayMeter } from '../../../src/scoring/relay-meter.ts';
import { SceneJudge } from '../../../src/scoring/scene-judge.ts';
import { SceneCache, type HeldScene } from '../../../src/scoring/scene-cache.ts';
import { ReferenceEngine } from '../../support/reference-engine.ts';
import { SimClock } from '../../support/sim-clock.ts';
import { sceneModel } from '../store/scene-models.ts';

const SCENE = sceneId('default');
const noMotion: MotionEstimator = { grid: 0, channelCount: 0, estimate: () => undefined };

const held = (version: string): HeldScene => {
  const model = sceneModel(1);
  return {
    version,
    threshold: 1,
    lastSequence: undefined,
    judge: new SceneJudge({ engine: new ReferenceEngine(), motion: noMotion, model }),
  };
};

/** Of one scene in memory, with what it costs beside its numbers. */
const SCENE_BYTES = held('x').judge.sizeBytes + 1_024;

interface Loading {
  readonly versions: Map<string, string>;
  readonly loads: string[];
  readonly broken: Set<string>;
}

const setUp = (maxScenes: number) => {
  const clock = new SimClock();
  const meter = new RelayMeter();
  const state: Loading = { versions: new Map(), loads: [], broken: new Set() };
  const cache = new SceneCache({
    maxBytes: maxScenes * SCENE_BYTES,
    clock,
    logger: silentLogger,
    meter,
    loader: {
      currentVersion: (camera) => Promise.resolve(state.versions.get(camera)),
      load: (camera) => {
        state.loads.push(camera);
        const version = state.versions.get(camera);
        if (state.broken.has(camera)) return Promise.reject(new Error(`${camera} is broken`));
        return Promise.resolve(version === undefined ? undefined : held(version));
      },
    },
  });
  const ids = (count: number): CameraId[] =>
    Array.from({ length: count }, (_, index) => {
      const id = cameraId(`camera${index}`);
      state.versions.set(id, 'v1');
      return id;
    });
  return { clock, meter, state, cache, ids };
};

test('the scene asked for longest ago goes first', async () => {
  const { cache, state, ids, meter } = setUp(2);
  const [a, b, c] = ids(3) as [CameraId, CameraId, CameraId];
  await cache.get(a, SCENE);
  await cache.get(b, SCENE);
  await cache.get(a, SCENE);
  await cache.get(c, SCENE);
  state.loads.length = 0;
  await cache.get(a, SCENE);
  await cache.get(c, SCENE);
  expect(state.loads).toEqual([]);
  await cache.get(b, SCENE);
  expect(state.loads).toEqual([b]);
  const evictions = meter.drain().filter(({ name }) => name.endsWith('evictions_total'));
  expect(evictions).toHaveLength(2);
});

test('one scene is held even when it is larger than the bound', async () => {
  const { cache, state, ids } = setUp(0);
  const [a, b] = ids(2) as [CameraId, CameraId];
  for (const id of [a, a, b, b]) expect(await cache.get(id, SCENE)).toBeDefined();
  expect(state.loads).toEqual([a, b]);
  expect(cache.heldCount).toBe(1);
});

test('segments of one scene that come at once share one load', async () => {
  const gate = deferred<undefined>();
  let loadCount = 0;
  const cache = new SceneCache({
    maxBytes: SCENE_BYTES,
    clock: new SimClock(),
    logger: silentLogger,
    meter: new RelayMeter(),
    loader: {
      currentVersion: () => Promise.resolve('v1'),
      load: async () => {
        loadCount += 1;
        await gate.promise;
        return held('v1');
      },
    },
  });
  const asked = Array.from({ length: 5 }, () => cache.get(cameraId('a'), SCENE));
  gate.resolve(undefined);
  const got = await Promise.all(asked);
  expect(loadCount).toBe(1);
  expect(new Set(got).size).toBe(1);
  expect(got[0]?.version).toBe('v1');
});

test('a scene that is fitted again is read again, within two seconds', async () => {
  const { cache, clock, state, ids } = setUp(2);
  const [a] = ids(1) as [CameraId];
  expect((await cache.get(a, SCENE))?.version).toBe('v1');
  state.versions.set(a, 'v2');
  await clock.advance(2_000);
  expect((await cache.get(a, SCENE))?.version).toBe('v2');
  expect(cache.heldCount).toBe(1);
  expect(cache.sizeBytes).toBe(SCENE_BYTES);
});

test('a load that fails gives no other scene up, and a refit that fails leaves the model before in use', async () => {
  const { cache, clock, state, ids, meter } = setUp(2);
  const [a, b, c] = ids(3) as [CameraId, CameraId, CameraId];
  await cache.get(a, SCENE);
  await cache.get(b, SCENE);
  state.broken.add(c).add(a);
  state.versions.set(a, 'v2');
  await expect(cache.get(c, SCENE)).rejects.toThrow('camera2 is broken');
  // Not tried again before its time, but told again.
  await expect(cache.get(c, SCENE)).rejects.toThrow('camera2 is broken');
  expect(state.loads.filter((id) => id === c)).toHaveLength(1);
  await clock.advance(2_000);
  expect((await cache.get(a, SCENE))?.version).toBe('v1');
  expect((await cache.get(b, SCENE))?.version).toBe('v1');
  expect(state.loads.filter((id) => id === b)).toHaveLength(1);
  state.broken.clear();
  await clock.advance(2_000);
  expect((await cache.get(a, SCENE))?.version).toBe('v2');
  const failures = meter.drain().filter(({ name }) => name.endsWith('failures_total'));
  expect(failures).toHaveLength(2);
});

test('a scene whose model is taken away is no longer scored', async () => {
  const { cache, clock, state, ids } = setUp(2);
  const [a] = ids(1) as [CameraId];
  await cache.get(a, SCENE);
  state.versions.clear();
  await clock.advance(2_000);
  expect(await cache.get(a, SCENE)).toBeUndefined();
  expect(cache.heldCount).toBe(0);
});

test('whatever is asked for: within its bound, the right scene, and the account is right', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(
        fc.record({
          camera: fc.nat(7),
          act: fc.constantFrom('get', 'refit', 'break', 'mend', 'remove'),
        }),
        { maxLength: 60 },
      ),
      async (maxScenes, steps) => {
        const { cache, clock, state, ids } = setUp(maxScenes);
        const cameras = ids(8);
        let version = 1;
        for (const { camera, act } of steps) {
          const id = cameras[camera]!;
          if (act === 'refit') state.versions.set(id, `v${++version}`);
          if (act === 'break') state.broken.add(id);
          if (act === 'mend') state.broken.delete(id);
          if (act === 'remove') state.versions.delete(id);
          await clock.advance(2_000);
          const got = await cache.get(id, SCENE).catch(() => undefined);
          if (!state.broken.has(id)) expect(got?.version).toBe(state.versions.get(id));
          expect(cache.sizeBytes).toBeLessThanOrEqual(maxScenes * SCENE_BYTES);
          expect(cache.heldCount).toBeLessThanOrEqual(maxScenes);
        }
      },
    ),
    { numRuns: 60 },
  );
});
