// What every model store promises (core/ports/model-store.ts), wherever it keeps the models.
import { describe, expect, test } from 'vitest';

import { cameraId, sceneId } from '../../src/core/ids.ts';
import type {
  ModelRequirements,
  ModelStore,
  SceneModel,
} from '../../src/core/ports/model-store.ts';
import { waitUntil } from '../support/wait-until.ts';
import { sceneModel } from '../unit/store/scene-models.ts';

export interface OpenStore extends AsyncDisposable {
  readonly store: ModelStore;
}

const DOOR = cameraId('door');
const DAY = sceneId('day');

export const FITTING: ModelRequirements = {
  profile: 'surveillance',
  backbone: 'efficientnet-lite0',
  backboneSha256: 'ab'.repeat(32),
};

/** File systems tell times apart by some milliseconds only. */
const letTimePass = (): Promise<void> => {
  const startMs = performance.now();
  return waitUntil(() => performance.now() - startMs > 15, 5_000, '15 ms');
};

/** As the same models; frames are compared apart, which is a hundred times faster. */
export const expectSameModel = (got: SceneModel | undefined, expected: SceneModel): void => {
  const { meanFrame, ...rest } = expected;
  expect({ ...got, meanFrame: undefined }).toEqual({ ...rest, meanFrame: undefined });
  expect(Buffer.compare(got?.meanFrame ?? new Uint8Array(0), meanFrame)).toBe(0);
};

export const modelStoreSuite = (name: string, openStore: () => Promise<OpenStore>): void => {
  describe(name, () => {
    test('a scene that was never fitted has no model', async () => {
      await using open = await openStore();
      expect(await open.store.load(DOOR, DAY, FITTING)).toBeUndefined();
      expect(await open.store.currentVersion(DOOR, DAY)).toBeUndefined();
      expect(await open.store.versions(DOOR, DAY)).toEqual([]);
    });

    test('what was saved is loaded, under its version', async () => {
      await using open = await openStore();
      const saved = await open.store.save(sceneModel(1));
      expect(saved.version).toMatch(/^[0-9a-f]{64}$/);
      const loaded = await open.store.load(DOOR, DAY, FITTING);
      expectSameModel(loaded?.model, sceneModel(1));
      expect(loaded).toMatchObject({ version: saved.version, sizeBytes: saved.sizeBytes });
      expect(await open.store.currentVersion(DOOR, DAY)).toBe(saved.version);
    });

    test('models of other cameras and scenes stay as they are', async () => {
      await using open = await openStore();
      const night = { sceneId: sceneId('night') };
      const gate = { cameraId: cameraId('gate') };
      await open.store.save(sceneModel(1));
      await open.store.save(sceneModel(2, night));
      await open.store.save(sceneModel(3, gate));
      const load = async (camera: string, scene: string) =>
        (await open.store.load(cameraId(camera), sceneId(scene), FITTING))?.model;
      expectSameModel(await load('door', 'day'), sceneModel(1));
      expectSameModel(await load('door', 'night'), sceneModel(2, night));
      expectSameModel(await load('gate', 'day'), sceneModel(3, gate));
      expect(await load('gate', 'night')).toBeUndefined();
    });

    test('a newer model takes its place, older ones are kept, newest first', async () => {
      await using open = await openStore();
      const versions: string[] = [];
      for (const seed of [1, 2, 3]) {
        versions.unshift((await open.store.save(sceneModel(seed))).version);
        await letTimePass();
      }
      expect(await open.store.versions(DOOR, DAY)).toEqual(versions);
      expectSameModel((await open.store.load(DOOR, DAY, FITTING))?.model, sceneModel(3));
    });

    test('the same model saved again is one version', async () => {
      await using open = await openStore();
      const { version } = await open.store.save(sceneModel(1));
      await open.store.save(sceneModel(2));
      expect((await open.store.save(sceneModel(1))).version).toBe(version);
      expect(await open.store.currentVersion(DOOR, DAY)).toBe(version);
      expect(await open.store.versions(DOOR, DAY)).toHaveLength(2);
    });

    test('versions do not pile up', async () => {
      await using open = await openStore();
      for (let seed = 0; seed < 8; seed++) await open.store.save(sceneModel(seed));
      const versions = await open.store.versions(DOOR, DAY);
      expect(versions.length).toBeGreaterThanOrEqual(2);
      expect(versions.length).toBeLessThanOrEqual(5);
      expectSameModel((await open.store.load(DOOR, DAY, FITTING))?.model, sceneModel(7));
    });

    test('back to an older version, and forth again', async () => {
      await using open = await openStore();
      const old = await open.store.save(sceneModel(1));
      const young = await open.store.save(sceneModel(2));
      await open.store.rollBack(DOOR, DAY, old.version);
      expectSameModel((await open.store.load(DOOR, DAY, FITTING))?.model, sceneModel(1));
      expect(await open.store.versions(DOOR, DAY)).toHaveLength(2);
      await open.store.rollBack(DOOR, DAY, young.version);
      expectSameModel((await open.store.load(DOOR, DAY, FITTING))?.model, sceneModel(2));
    });

    test('not back to a version that there is not', async () => {
      await using open = await openStore();
      const { version } = await open.store.save(sceneModel(1));
      const other = '0'.repeat(64);
      await expect(open.store.rollBack(DOOR, DAY, other)).rejects.toMatchObject({
        code: 'MODEL_MISSING',
        message: expect.stringContaining(version) as string,
      });
      expect(await open.store.currentVersion(DOOR, DAY)).toBe(version);
    });

    test.each([
      {
        what: 'profile',
        change: { profile: 'paper' },
        reason: 'profile surveillance, configured is paper',
      },
      { what: 'backbone', change: { backbone: 'resnet18' }, reason: 'configured is resnet18' },
      {
        what: 'backbone file',
        change: { backboneSha256: 'cd'.repeat(32) },
        reason: 'backbone file abababababab, configured is cdcdcdcdcdcd',
      },
    ])('a model of another $what is refused by name', async ({ change, reason }) => {
      await using open = await openStore();
      await open.store.save(sceneModel(1));
      await expect(open.store.load(DOOR, DAY, { ...FITTING, ...change })).rejects.toMatchObject({
        code: 'MODEL_MISMATCH',
        message: expect.stringContaining(reason) as string,
      });
    });

    test('a channel that the backbone does not have is named at loading', async () => {
      await using open = await openStore();
      await open.store.save(sceneModel(1));
      const wanted = (stageChannels: readonly number[]) => ({ ...FITTING, stageChannels });
      await expect(open.store.load(DOOR, DAY, wanted([4, 1]))).resolves.toBeDefined();
      await expect(open.store.load(DOOR, DAY, wanted([3, 1]))).rejects.toThrow(
        /lists channel 3 in "channels1", its backbone has 3 there/,
      );
    });

    test('what is no id leads nowhere', async () => {
      await using open = await openStore();
      const out = cameraId('../../..');
      await expect(open.store.versions(out, DAY)).rejects.toThrow(/"..\/..\/.." is no id/);
      await expect(open.store.currentVersion(DOOR, sceneId('..'))).rejects.toThrow(/is no id/);
      await expect(open.store.save(sceneModel(1, { cameraId: out }))).rejects.toThrow(/cameraId/);
    });

    test('a model that does not agree with itself is not saved', async () => {
      await using open = await openStore();
      await open.store.save(sceneModel(1));
      const broken = { ...sceneModel(2), meanFrame: new Uint8Array(1) };
      await expect(open.store.save(broken)).rejects.toThrow(RangeError);
      expectSameModel((await open.store.load(DOOR, DAY, FITTING))?.model, sceneModel(1));
    });
  });
};
