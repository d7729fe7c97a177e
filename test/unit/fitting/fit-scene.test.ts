import { expect, describe, test } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import type { FitState } from '../../../src/core/fit-state.ts';
import type { Engine } from '../../../src/core/ports/engine.ts';
import type { MotionEstimator } from '../../../src/core/ports/motion-estimator.ts';
import type { SceneModel } from '../../../src/core/ports/model-store.ts';
import { SceneFit, type SceneFitOptions } from '../../../src/fitting/fit-scene.ts';
import { forget } from '../../../src/fitting/forget.ts';
import { FrameSpool } from '../../../src/fitting/frame-spool.ts';
import { profileNamed, type Profile } from '../../../src/padim/profile.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { SceneScorer } from '../../../src/padim/scene-scorer.ts';
import { ReferenceEngine, referencePlan } from '../../support/reference-engine.ts';
import { tempDir } from '../../support/temp-dir.ts';

const GRID = 4;
const PROFILE: Profile = {
  ...profileNamed('paper'),
  grid: GRID,
  dimensions: 3,
  stageCount: 1,
  map: { side: GRID, sigma: 0.5 },
};
const PLAN = referencePlan(GRID);

const ALERT = { budget: 10, minDurationMs: 200, cooldownMs: 1_000, hysteresis: 0.8 };

/** Pictures taken apart from each other show no motion. */
const STILL: MotionEstimator = { grid: GRID, channelCount: 1, estimate: () => undefined };

/** A grey wall in light that flickers, band by band. */
const flicker = (count: number, seed = 1): Uint8Array => {
  const random = seededRandom(seed);
  const pixels = new Uint8Array(count * FRAME_BYTES);
  const band = FRAME_BYTES / 16;
  for (let at = 0; at < pixels.length; at += band) {
    pixels.fill(100 + Math.floor(40 * random()), at, at + band);
  }
  return pixels;
};

const times = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    capturedAtMs: 1_700_000_000_000 + (first + index) * 200,
    mediaTimeMs: (first + index) * 200,
  }));

interface FitSetting extends Partial<SceneFitOptions> {
  /** How the footage is cut into batches. */
  readonly batches?: readonly number[];
}

const fit = async (pixels: Uint8Array, setting: FitSetting = {}): Promise<SceneModel> =>
  (await fitAndKnow(pixels, setting)).model;

const fitAndKnow = async (
  pixels: Uint8Array,
  setting: FitSetting = {},
): Promise<{ readonly model: SceneModel; readonly state: FitState }> => {
  await using folder = await tempDir();
  const spool = await FrameSpool.create(folder.path);
  try {
    const { batches = [16], ...options } = setting;
    const scene = new SceneFit({
      engine: new ReferenceEngine(),
      profile: PROFILE,
      plan: PLAN,
      spool,
      batchFrames: 16,
      smoothing: 0.5,
      alert: ALERT,
      gapMs: 2_000,
      isIgnored: undefined,
      footageKind: 'stills',
      shrinkage: undefined,
      motion: STILL,
      identity: {
        cameraId: cameraId('door'),
        sceneId: sceneId('day'),
        backbone: 'reference',
        backboneSha256: 'ab'.repeat(32),
        seed: 0,
      },
      ...options,
    });
    const frameCount = pixels.length / FRAME_BYTES;
    for (let first = 0, round = 0; first < frameCount; round++) {
      const count = Math.min(batches[round % batches.length]!, frameCount - first);
      const before = first > 0 ? 1 : 0;
      await scene.add({
        pixels: pixels.subarray((first - before) * FRAME_BYTES, (first + count) * FRAME_BYTES),
        hasContext: before > 0,
        times: times(first, count),
      });
      first += count;
    }
    return { model: await scene.finish(), state: scene.state };
  } finally {
    await spool.remove();
  }
};

/** The highest cell of each frame's map. */
const scoresOf = async (model: SceneModel, pixels: Uint8Array): Promise<number[]> => {
  const scorer = new SceneScorer({
    engine: new ReferenceEngine(),
    profile: PROFILE,
    plan: PLAN,
    motion: STILL,
    gaussians: model.gaussians,
  });
  const count = pixels.length / FRAME_BYTES;
  const maps = await scorer.score({ pixels, frameCount: count, context: 'none' });
  return Array.from({ length: count }, (_, frame) =>
    Math.max(...maps.subarray(frame * GRID * GRID, (frame + 1) * GRID * GRID)),
  );
};

const footage = flicker(120);
const inSixteens = fit(footage);

describe('SceneFit', () => {
  test('says what it learnt from', async () => {
    const { metadata, channels } = await inSixteens;
    expect(metadata).toMatchObject({
      formatVersion: 3,
      cameraId: 'door',
      sceneId: 'day',
      profile: 'paper',
      grid: GRID,
      dimensions: 3,
      covariance: 'own',
      trainingSpanMs: [0, 119 * 200],
      trainingFrameCount: 120,
      heldOutFrameCount: 120,
      footageKind: 'stills',
      calibration: { budgetPerDay: 10 },
    });
    expect(Number.isNaN(Date.parse(metadata.fittedAt))).toBe(false);
    expect(channels).toEqual(PLAN.channels);
  });

  test('normal frames stay below its threshold, a stranger does not', async () => {
    const model = await fit(footage, { smoothing: 1 });
    const normal = await scoresOf(model, flicker(40, 2));
    const below = normal.filter((score) => score <= model.metadata.threshold);
    expect(below.length).toBeGreaterThanOrEqual(36);
    const stranger = flicker(1, 3);
    for (let row = 64; row < 128; row++) {
      const from = (row * FRAME_SIDE + 64) * 3;
      stranger.fill(255, from, from + 64 * 3);
    }
    expect((await scoresOf(model, stranger))[0]).toBeGreaterThan(2 * model.metadata.threshold);
  });

  test.each([{ batches: [1] }, { batches: [50] }, { batches: [7, 60, 2] }, { batches: [120] }])(
    'in batches of $batches it learns the same',
    async ({ batches }) => {
      const [one, other] = [await inSixteens, await fit(footage, { batches })];
      expect(other.metadata.threshold).toBeCloseTo(one.metadata.threshold, 3);
      expect(other.metadata.trainingSpanMs).toEqual(one.metadata.trainingSpanMs);
      const { mean, factor } = other.gaussians.appearance;
      const expected = one.gaussians.appearance;
      mean.forEach((value, index) => expect(value).toBeCloseTo(expected.mean[index]!, 3));
      factor.forEach((value, index) => expect(value).toBeCloseTo(expected.factor[index]!, 4));
      expect(Buffer.compare(other.meanFrame, one.meanFrame)).toBe(0);
    },
  );

  test('the mean frame is the mean of all frames', async () => {
    const { meanFrame } = await inSixteens;
    for (const at of [0, 77_777, FRAME_BYTES - 1]) {
      let sum = 0;
      for (let frame = 0; frame < 120; frame++) sum += footage[frame * FRAME_BYTES + at]!;
      expect(meanFrame[at]).toBe(Math.round(sum / 120));
    }
  });

  test('no frame is scored by a model that learnt from it', async () => {
    // The halves show different light, so that either is strange to the other's model and to none else.
    const apart = flicker(100);
    for (let at = 0; at < 50 * FRAME_BYTES; at++) apart[at] = apart[at]! + 100;
    const { metadata } = await fit(apart);
    const own = await fit(flicker(100));
    expect(metadata.calibration.largestScore).toBeGreaterThan(
      2 * Number(own.metadata.calibration.largestScore),
    );
  });

  test('ignored cells do not raise the scores', async () => {
    // Something that the model of the other half has never seen, in its top left corner.
    const busy = footage.slice();
    for (const frame of [60, 61, 62]) {
      for (let row = 0; row < 64; row++) {
        const from = frame * FRAME_BYTES + row * FRAME_SIDE * 3;
        busy.fill(255, from, from + 64 * 3);
      }
    }
    const isIgnored = new Uint8Array(GRID * GRID);
    isIgnored.set([1, 1]);
    isIgnored.set([1, 1], GRID);
    const watched = await fit(busy);
    const ignoring = await fit(busy, { isIgnored });
    const largest = ({ metadata }: SceneModel): number => Number(metadata.calibration.largestScore);
    expect(largest(ignoring)).toBeLessThan(0.5 * largest(watched));
  });
});

describe('footage that teaches nothing', () => {
  test('too short', async () => {
    await expect(fit(flicker(99))).rejects.toMatchObject({
      code: 'FOOTAGE_TOO_SHORT',
      message: expect.stringContaining('camera door: 99 frames are too few') as string,
    });
    await expect(fit(new Uint8Array(0))).rejects.toMatchObject({ code: 'FOOTAGE_TOO_SHORT' });
  });

  test('frozen', async () => {
    await expect(fit(new Uint8Array(100 * FRAME_BYTES).fill(90))).rejects.toMatchObject({
      code: 'FOOTAGE_CONSTANT',
    });
  });

  test('everything ignored', async () => {
    const isIgnored = new Uint8Array(GRID * GRID).fill(1);
    await expect(fit(flicker(100), { isIgnored })).rejects.toMatchObject({
      code: 'NUMBERS_NOT_FINITE',
      message: expect.stringContaining('ignore polygons cover the whole picture') as string,
    });
  });

  test('a backbone that gives no numbers', async () => {
    class BrokenEngine extends ReferenceEngine {
      override async embed(...given: Parameters<Engine['embed']>) {
        const embedding = await super.embed(...given);
        embedding.values[0] = NaN;
        return embedding;
      }
    }
    await expect(fit(flicker(100), { engine: new BrokenEngine() })).rejects.toMatchObject({
      code: 'NUMBERS_NOT_FINITE',
      message: expect.stringContaining('patch 0') as string,
    });
  });
});

describe('going on from an earlier fit', () => {
  const first = footage.subarray(0, 100 * FRAME_BYTES);
  const later = flicker(100, 7);

  const expectClose = (got: Float32Array, expected: Float32Array, digits: number): void => {
    got.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, digits));
  };

  test('learns what one fit of all the footage learns', async () => {
    const { state } = await fitAndKnow(first);
    const extended = await fit(later, { earlier: state });
    const atOnce = await fit(new Uint8Array(Buffer.concat([first, later])));
    expect(extended.metadata).toMatchObject({ trainingFrameCount: 200, heldOutFrameCount: 200 });
    expectClose(extended.gaussians.appearance.mean, atOnce.gaussians.appearance.mean, 2);
    expectClose(extended.gaussians.appearance.factor, atOnce.gaussians.appearance.factor, 4);
    const differences = extended.meanFrame.map((value, at) =>
      Math.abs(value - atOnce.meanFrame[at]!),
    );
    expect(Math.max(...differences.subarray(0, 1_000))).toBeLessThanOrEqual(1);
  });

  test('few frames more are enough, and the earlier fit is not changed', async () => {
    const { state } = await fitAndKnow(first);
    const before = structuredClone(state);
    const extended = await fit(flicker(20, 8), { earlier: state });
    expect(extended.metadata.trainingFrameCount).toBe(120);
    expect(state).toEqual(before);
  });

  test('what is forgotten weighs less', async () => {
    const dark = new Uint8Array(later.length);
    later.forEach((value, at) => (dark[at] = value - 60));
    const { state } = await fitAndKnow(first);
    const meanOf = async (share: number): Promise<number> => {
      const { gaussians } = await fit(dark, { earlier: forget(state, share) });
      return gaussians.appearance.mean.reduce((sum, value) => sum + value, 0);
    };
    const all = await meanOf(0);
    const part = await meanOf(0.5);
    const little = await meanOf(0.99);
    const alone = await fit(dark);
    const darkMean = alone.gaussians.appearance.mean.reduce((sum, value) => sum + value, 0);
    expect(all).toBeGreaterThan(part);
    expect(part).toBeGreaterThan(little);
    expect((little - darkMean) / (all - darkMean)).toBeLessThan(0.05);
  });
});

test('hours of stillness are thinned out, and still count as footage', async () => {
  const stillness = new Uint8Array(400 * FRAME_BYTES);
  for (let at = 0; at < stillness.length; at += FRAME_BYTES) {
    stillness.set(footage.subarray(0, FRAME_BYTES), at);
  }
  const lively = flicker(500, 9);
  const alone = await fit(lively);
  const model = await fit(new Uint8Array(Buffer.concat([lively, stillness])));
  expect(model.metadata.trainingFrameCount).toBeGreaterThan(500);
  expect(model.metadata.trainingFrameCount).toBeLessThan(560);
  expect(Number(model.metadata.calibration.stillsLeftOut)).toBeGreaterThan(340);
  expect(Number(model.metadata.calibration.heldOutHours)).toBeGreaterThan(
    1.5 * Number(alone.metadata.calibration.heldOutHours),
  );
});
