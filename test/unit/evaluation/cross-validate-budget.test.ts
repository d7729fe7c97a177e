import { readdir } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import type { MotionEstimator } from '../../../src/core/ports/motion-estimator.ts';
import type { Clip } from '../../../src/datasets/dataset.ts';
import { crossValidateBudget } from '../../../src/evaluation/cross-validate-budget.ts';
import type { ReadFrames } from '../../../src/evaluation/frame-runs.ts';
import { FrameSpool } from '../../../src/fitting/frame-spool.ts';
import { profileNamed } from '../../../src/padim/profile.ts';
import { ReferenceEngine, referencePlan } from '../../support/reference-engine.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { flicker } from '../padim/made-footage.ts';

const GRID = 4;
const FRAMES = 100;
const FRAMES_PER_SECOND = 5;
const STILL: MotionEstimator = { grid: GRID, channelCount: 1, estimate: () => undefined };

const video = (id: string): Clip => ({
  id,
  footage: { kind: 'video', path: id },
  labels: undefined,
  masks: undefined,
});

/** A white patch that stays for two seconds. */
const withStranger = (pixels: Uint8Array): Uint8Array => {
  for (let frame = 40; frame < 50; frame++) {
    for (let row = 64; row < 128; row++) {
      const from = frame * FRAME_BYTES + (row * FRAME_SIDE + 64) * 3;
      pixels.fill(255, from, from + 64 * 3);
    }
  }
  return pixels;
};

const check = async (
  folder: string,
  footage: ReadonlyMap<string, Uint8Array>,
  expectedAlerts: readonly number[],
) => {
  const progress: number[] = [];
  // eslint-disable-next-line @typescript-eslint/require-await
  const readFrames: ReadFrames = async function* (clip, batchFrames) {
    const pixels = footage.get(clip.id) ?? new Uint8Array(0);
    for (let first = 0; first < FRAMES; first += batchFrames) {
      const frameCount = Math.min(batchFrames, FRAMES - first);
      yield { pixels: pixels.subarray(first * FRAME_BYTES), frameCount };
    }
  };
  const budgets = await crossValidateBudget({
    engine: new ReferenceEngine(),
    profile: {
      ...profileNamed('paper'),
      grid: GRID,
      dimensions: 3,
      stageCount: 1,
      map: { side: GRID, sigma: 0.5 },
    },
    plan: referencePlan(GRID),
    motion: STILL,
    clips: [...footage.keys()].map(video),
    framesPerSecond: FRAMES_PER_SECOND,
    expectedAlerts,
    footageKind: 'stills',
    shrinkage: undefined,
    batchFrames: 16,
    smoothing: 1,
    isIgnored: undefined,
    policy: { hysteresis: 0.9, minDurationMs: 400, cooldownMs: 1_000, updateIntervalMs: 1_000 },
    identity: {
      cameraId: cameraId('clips'),
      sceneId: sceneId('normal'),
      backbone: 'reference',
      backboneSha256: 'ab'.repeat(32),
      seed: 0,
    },
    readFrames,
    openSpool: () => FrameSpool.create(folder),
    onProgress: (count) => progress.push(count),
  });
  return { budgets, progress };
};

const quiet = (): Map<string, Uint8Array> =>
  new Map(['a', 'b', 'c'].map((id, seed) => [id, flicker(FRAMES, seed + 1)]));

describe('crossValidateBudget', () => {
  test('a clip is watched with what the others taught: its own stranger raises one alert', async () => {
    const clips = quiet();
    clips.set('b', withStranger(clips.get('b')!));
    await using folder = await tempDir();
    const { budgets } = await check(folder.path, clips, [0.5]);
    expect(budgets[0]!.observed).toBe(1);
  });

  test('quiet clips raise none; budgets are per day, predictions for all the clips', async () => {
    await using folder = await tempDir();
    const { budgets, progress } = await check(folder.path, quiet(), [0.5, 4]);
    const days = (3 * FRAMES) / FRAMES_PER_SECOND / 86_400;
    expect(budgets.map(({ alertsPerDay }) => alertsPerDay * days)).toEqual([
      expect.closeTo(0.5, 9),
      expect.closeTo(4, 9),
    ]);
    expect(budgets[0]!.observed).toBe(0);
    expect(budgets[0]!.predicted).toBeCloseTo(0.5, 6);
    expect(budgets[1]!.predicted).toBeGreaterThan(budgets[0]!.predicted);
    expect(budgets[1]!.predicted).toBeLessThanOrEqual(4 + 1e-6);
    expect(progress).toEqual([1, 2, 3]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('what goes wrong with one clip is thrown, and leaves no frames on disk', async () => {
    await using folder = await tempDir();
    const clips = new Map([...quiet()].slice(0, 1));
    const failing = check(folder.path, clips, [1]);
    await expect(failing).rejects.toMatchObject({ code: 'FOOTAGE_TOO_SHORT' });
    expect(await readdir(folder.path)).toEqual([]);
  });
});
