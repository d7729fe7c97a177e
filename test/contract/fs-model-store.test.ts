// The store on disk: the contract, and what only files can suffer.
import { createHash } from 'node:crypto';
import {
  copyFile,
  mkdir,
  readFile,
  readdir,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { cameraId, sceneId } from '../../src/core/ids.ts';
import { FsModelStore } from '../../src/store/fs-model-store.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { sceneModel } from '../unit/store/scene-models.ts';
import { FITTING, expectSameModel, modelStoreSuite } from './model-store-suite.ts';

const DOOR = cameraId('door');
const DAY = sceneId('day');

modelStoreSuite('FsModelStore', async () => {
  const folder = await tempDir();
  return {
    store: new FsModelStore({ folder: folder.at('models') }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});

const storeIn = (folder: TempDir): FsModelStore => new FsModelStore({ folder: folder.path });

const filesIn = async (folder: TempDir): Promise<string[]> =>
  (await readdir(folder.at('door', 'day'))).toSorted();

/** Writes the file under another content, with a name that fits it, and makes it current. */
const plant = async (folder: TempDir, bytes: Uint8Array): Promise<string> => {
  const version = createHash('sha256').update(bytes).digest('hex');
  const path = folder.at('door', 'day', `${version}.safetensors`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  await writeFile(folder.at('door', 'day', 'current'), version);
  return path;
};

describe('FsModelStore: files', () => {
  test('one file a version, named after its checksum, and `current`', async () => {
    await using folder = await tempDir();
    const { path, version } = await storeIn(folder).save(sceneModel(1));
    expect(path).toBe(folder.at('door', 'day', `${version}.safetensors`));
    expect(
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ).toBe(version);
    expect(await filesIn(folder)).toEqual([`${version}.safetensors`, 'current'].toSorted());
  });

  test('another store on the same folder sees the same', async () => {
    await using folder = await tempDir();
    await storeIn(folder).save(sceneModel(1));
    const loaded = await storeIn(folder).load(DOOR, DAY, FITTING);
    expectSameModel(loaded?.model, sceneModel(1));
  });

  test.each([
    { what: 'cut short', damage: (path: string) => truncate(path, 1_000) },
    { what: 'emptied', damage: (path: string) => truncate(path, 0) },
    { what: 'removed', damage: (path: string) => rm(path) },
    {
      what: 'changed in one byte',
      damage: async (path: string) => {
        const bytes = await readFile(path);
        bytes[bytes.length - 1]! ^= 1;
        await writeFile(path, bytes);
      },
    },
  ])(
    'a model that was $what is refused by its path, and can be rolled back',
    async ({ damage }) => {
      await using folder = await tempDir();
      const store = storeIn(folder);
      const old = await store.save(sceneModel(1));
      const { path } = await store.save(sceneModel(2));
      await damage(path);
      await expect(store.load(DOOR, DAY, FITTING)).rejects.toMatchObject({
        code: 'MODEL_CORRUPT',
        message: expect.stringContaining(path) as string,
      });
      await store.rollBack(DOOR, DAY, old.version);
      expectSameModel((await store.load(DOOR, DAY, FITTING))?.model, sceneModel(1));
    },
  );

  test('a file with the right checksum that is no model', async () => {
    await using folder = await tempDir();
    const path = await plant(folder, Buffer.from('not a model'));
    await expect(storeIn(folder).load(DOOR, DAY, FITTING)).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message: expect.stringContaining(`${path} is damaged: its header reaches beyond`) as string,
    });
  });

  test.each(['', 'latest', '../../secret', 'A'.repeat(64)])(
    '`current` that names no version: %j',
    async (text) => {
      await using folder = await tempDir();
      const store = storeIn(folder);
      await store.save(sceneModel(1));
      const path = folder.at('door', 'day', 'current');
      await writeFile(path, text);
      await expect(store.load(DOOR, DAY, FITTING)).rejects.toMatchObject({
        code: 'MODEL_CORRUPT',
        message: expect.stringContaining(path) as string,
      });
    },
  );

  test('what a crash left half-written is never read, and goes with the next save', async () => {
    await using folder = await tempDir();
    const store = storeIn(folder);
    const { path, version } = await store.save(sceneModel(1));
    const leftover = folder.at('door', 'day', '.0b5f9c9e.partial');
    await copyFile(path, leftover);
    await truncate(leftover, 100);
    const beingWritten = folder.at('door', 'day', '.1c6e8a8d.partial');
    await copyFile(leftover, beingWritten);
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(leftover, longAgo, longAgo);
    expect(await store.versions(DOOR, DAY)).toEqual([version]);
    expectSameModel((await store.load(DOOR, DAY, FITTING))?.model, sceneModel(1));
    await store.save(sceneModel(2));
    // What another process may still be writing is left alone.
    const partial = (await filesIn(folder)).filter((name) => name.endsWith('.partial'));
    expect(partial).toEqual(['.1c6e8a8d.partial']);
  });

  test('whoever reads while models are saved sees a whole one', async () => {
    await using folder = await tempDir();
    const store = storeIn(folder);
    await store.save(sceneModel(0));
    const progress = { isOver: false };
    const saving = (async () => {
      for (let seed = 1; seed <= 12; seed++) await store.save(sceneModel(seed % 3));
      progress.isOver = true;
    })();
    let loads = 0;
    while (!progress.isOver) {
      const loaded = await store.load(DOOR, DAY, FITTING);
      expectSameModel(loaded?.model, sceneModel(loaded!.model.metadata.seed));
      loads += 1;
    }
    await saving;
    expect(loads).toBeGreaterThan(0);
  });

  test('a folder that cannot be made is told with a remedy, and leaves nothing', async () => {
    await using folder = await tempDir();
    await writeFile(folder.at('door'), 'a file where the camera’s folder belongs');
    await expect(storeIn(folder).save(sceneModel(1))).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining(join(folder.path, 'door')) as string,
    });
    expect(await readdir(folder.path)).toEqual(['door']);
  });
});
