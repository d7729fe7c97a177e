import { readFile, writeFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import type { FitState, LearnerState } from '../../../src/core/fit-state.ts';
import { FitStateStore } from '../../../src/store/fit-state-store.ts';
import { tempDir } from '../../support/temp-dir.ts';

const learner = (frameCount: number): LearnerState => ({
  frameCount,
  pixelSums: new Float64Array(FRAME_BYTES).fill(1 / 3),
  own: undefined,
  shared: {
    ...{ kind: 'shared', patchCount: 2, dimensions: 2, frameCount },
    shift: Float32Array.of(1, 2, 3, 4),
    sum: Float64Array.of(0.1, 0.2, 0.3, 0.4),
    product: Float64Array.of(1e-9, 2, 3),
  },
  motion: undefined,
});

const STATE: FitState = {
  halves: [learner(50), learner(37.5)],
  heldOut: [Float64Array.of(1, 2.5), Float64Array.of(3)],
  scales: [
    { mean: 1, deviation: 2 },
    { mean: 3, deviation: 4 },
  ],
  spanMs: [0, 17_400],
  steps: { count: 86, totalMs: 17_200 },
  leftOut: 12,
  parts: {
    stay: {
      numbers: { pictures: 12 },
      arrays: {
        mean: { shape: [2, 2], values: Float32Array.of(0.5, 1, -2, 0.25), precision: 'half' },
        blocks: { shape: [3], values: Float32Array.of(1.1, 2.2, 3.3), precision: 'single' },
      },
    },
  },
  seen: { digests: Float64Array.of(7, 2 ** 47 + 1), every: 2 },
};
const IDENTITY = { backbone: 'lite0', motion: true, seed: 0 };

const storeIn = (folder: string): FitStateStore =>
  new FitStateStore(folder, cameraId('door'), sceneId('day'));

test('comes back to the last bit', async () => {
  await using folder = await tempDir();
  const store = storeIn(folder.path);
  await store.save(STATE, IDENTITY);
  expect(await store.load(IDENTITY)).toEqual(STATE);
});

test('a state of before digests were kept is read', async () => {
  await using folder = await tempDir();
  const store = storeIn(folder.path);
  const { seen, ...older } = STATE;
  expect(seen).toBeDefined();
  await store.save(older, IDENTITY);
  expect((await store.load(IDENTITY)).seen).toBeUndefined();
});

test('keeps the state before it was extended, until a new fit', async () => {
  await using folder = await tempDir();
  const store = storeIn(folder.path);
  const extended = { ...STATE, leftOut: 13 };
  await store.save(STATE, IDENTITY);
  await expect(store.load(IDENTITY, 'before')).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  await store.save(extended, IDENTITY, 'keep');
  await store.save({ ...STATE, leftOut: 14 }, IDENTITY, 'leave');
  expect((await store.load(IDENTITY, 'before')).leftOut).toBe(STATE.leftOut);
  expect((await store.load(IDENTITY)).leftOut).toBe(14);
  await store.save(STATE, IDENTITY);
  await expect(store.load(IDENTITY, 'before')).rejects.toMatchObject({ code: 'MODEL_MISSING' });
});

test('says what keeps it from being extended, and what to do', async () => {
  await using folder = await tempDir();
  const store = storeIn(folder.path);
  await expect(store.load(IDENTITY)).rejects.toMatchObject({
    code: 'MODEL_MISSING',
    message: expect.stringMatching(/no earlier fit to extend .*: fit without --extend$/) as string,
  });
  await store.save(STATE, IDENTITY);
  await expect(store.load({ ...IDENTITY, motion: false })).rejects.toMatchObject({
    code: 'MODEL_MISMATCH',
    message: expect.stringContaining('motion was true, is false') as string,
  });
  const path = folder.at('door', 'day', 'fit-state.safetensors');
  await writeFile(path, (await readFile(path)).subarray(0, -8));
  await expect(store.load(IDENTITY)).rejects.toMatchObject({
    code: 'MODEL_CORRUPT',
    message: expect.stringContaining('is damaged') as string,
  });
});
