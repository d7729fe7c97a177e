import { describe, expect, test } from 'vitest';

import type { FootageKind } from '../../../src/core/footage-kind.ts';
import { FRAME_BYTES } from '../../../src/core/frame.ts';
import type { MotionEstimator } from '../../../src/core/ports/motion-estimator.ts';
import { HalvedLearner } from '../../../src/fitting/halved-learner.ts';
import { STRETCH_FRAMES } from '../../../src/fitting/stretches.ts';
import { profileNamed } from '../../../src/padim/profile.ts';
import { SceneLearner } from '../../../src/padim/scene-learner.ts';
import { referencePlan } from '../../support/reference-engine.ts';
import { ReusingEngine, drift, flicker, runAt } from '../padim/made-footage.ts';

const GRID = 4;

/** Brightness of the first pixel, now and before: enough to tell whether the frame before is the right one. */
const flash: MotionEstimator = {
  grid: 2,
  channelCount: 1,
  estimate: (pixels, frameCount, out) => {
    for (let frame = 0; frame < frameCount; frame++) {
      const change = pixels[(frame + 1) * FRAME_BYTES]! - pixels[frame * FRAME_BYTES]!;
      out.fill(change, frame * 4, (frame + 1) * 4);
    }
  },
};

interface Setting {
  readonly footageKind?: FootageKind;
  readonly shrinkage?: number;
  readonly profile?: 'paper' | 'surveillance';
}

const optionsOf = ({ footageKind, shrinkage, profile = 'surveillance' }: Setting) => ({
  engine: new ReusingEngine(),
  profile: { ...profileNamed(profile), grid: GRID, stageCount: 1, dimensions: 3 },
  plan: referencePlan(GRID),
  motion: flash,
  footageKind,
  shrinkage,
});

/** Learns one stream, in runs of these lengths over and over. */
const learn = async <T extends HalvedLearner | SceneLearner>(
  learner: T,
  pixels: Uint8Array,
  lengths: readonly number[],
): Promise<T> => {
  const frames = pixels.length / FRAME_BYTES;
  for (let first = 0, round = 0; first < frames; round++) {
    const count = Math.min(lengths[round % lengths.length]!, frames - first);
    await learner.add(runAt(pixels, first, count, first === 0 ? 'none' : 'seen'));
    first += count;
  }
  await learner.flush();
  return learner;
};

const meanOf = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const expectClose = (got: Float32Array, expected: Float32Array): void => {
  expect(got.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const error = got.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at]!)), 0);
  expect(error / largest).toBeLessThan(1e-4);
};

describe('stretches', () => {
  test('alternate between the halves; one ends when full, at a break and where a stream starts', async () => {
    const learner = new HalvedLearner(optionsOf({ footageKind: 'stills' }));
    const pixels = flicker(STRETCH_FRAMES + 10);
    const seen: unknown[] = [];
    const note = (): void => {
      const { stretch, half, frameCount } = learner.place;
      seen.push([stretch, half, frameCount]);
    };
    await learner.add(runAt(pixels, 0, 20, 'none'));
    note();
    await learner.add(runAt(pixels, 20, STRETCH_FRAMES - 20, 'seen'));
    note();
    await learner.add(runAt(pixels, 0, 3, 'none'));
    note();
    learner.breakStretch();
    learner.breakStretch();
    note();
    await learner.add(runAt(pixels, 3, 5, 'given'));
    await learner.add(runAt(pixels, 0, 2, 'none'));
    note();
    // Longer than what is left: whole to one half.
    await learner.add(runAt(pixels, 2, STRETCH_FRAMES + 5, 'seen'));
    note();
    expect(seen).toEqual([
      [0, 0, 20],
      [1, 1, 0],
      [1, 1, 3],
      [2, 0, 0],
      [3, 1, 2],
      [4, 0, 0],
    ]);
    expect(learner.frameCount).toBe(STRETCH_FRAMES + 3 + 5 + 2 + STRETCH_FRAMES + 5);
  });

  test('each half knows its own stretches and nothing of the other’s', async () => {
    const bright = flicker(STRETCH_FRAMES, 1, 200);
    const dark = flicker(STRETCH_FRAMES, 2, 20);
    const pixels = Buffer.concat([bright, dark]);
    const learner = await learn(
      new HalvedLearner(optionsOf({ footageKind: 'stills', shrinkage: 0 })),
      pixels,
      [25],
    );
    const [first, second] = ([0, 1] as const).map((half) => learner.half(half).appearance.mean);
    expect(Math.min(...first!)).toBeGreaterThan(200);
    expect(Math.max(...second!)).toBeLessThan(60);
    const { gaussians, meanFrame } = learner.whole();
    expect(meanOf(gaussians.appearance.mean)).toBeCloseTo((meanOf(first!) + meanOf(second!)) / 2);
    expect(meanFrame[0]).toBeGreaterThan(100);
    expect(meanFrame[0]).toBeLessThan(150);
  });
});

describe('both halves together are what one learner learns of all', () => {
  const footage = drift(2 * STRETCH_FRAMES + 30);
  test.each([
    { footageKind: 'video', lengths: [10] },
    { footageKind: 'video', lengths: [7, 1, 30] },
    { footageKind: 'stills', lengths: [16] },
  ] as const)('$footageKind, in runs of $lengths', async ({ footageKind, lengths }) => {
    const halved = await learn(
      new HalvedLearner(optionsOf({ footageKind, shrinkage: 4 })),
      footage,
      lengths,
    );
    const whole = await learn(new SceneLearner(optionsOf({ footageKind })), footage, [50]);
    const got = halved.whole();
    const expected = whole.finish(footageKind, 4);
    expectClose(got.gaussians.appearance.mean, expected.appearance.mean);
    expectClose(got.gaussians.appearance.factor, expected.appearance.factor);
    expect(got.gaussians.hasChange).toBe(footageKind === 'video');
    if (expected.motion !== undefined) {
      expectClose(got.gaussians.motion!.factor, expected.motion.factor);
    }
    expect(Buffer.compare(got.meanFrame, whole.meanFrame())).toBe(0);
  });

  test('footage of less than a stretch leaves the other half empty', async () => {
    const halved = new HalvedLearner(optionsOf({ footageKind: 'stills' }));
    await halved.add(runAt(footage, 0, 20, 'none'));
    await halved.flush();
    expect(halved.choice()).toEqual({ footageKind: 'stills', shrinkage: 30 });
    expect(halved.whole().gaussians.appearance.mean).toHaveLength(GRID * GRID * 3);
  });
});

describe('the choice', () => {
  const choiceOf = async (setting: Setting, pixels: Uint8Array) =>
    (await learn(new HalvedLearner(optionsOf(setting)), pixels, [50])).choice();

  test('is the footage’s where nothing is given', async () => {
    expect(await choiceOf({}, drift(100))).toEqual({ footageKind: 'video', shrinkage: 0 });
    const stills = await choiceOf({}, flicker(100));
    expect(stills.footageKind).toBe('stills');
    expect(stills.shrinkage).toBeGreaterThan(0);
  });

  test('is the caller’s where it is given; shared covariances are never shrunk', async () => {
    const pixels = flicker(100);
    expect(await choiceOf({ footageKind: 'video', shrinkage: 9 }, pixels)).toEqual({
      footageKind: 'video',
      shrinkage: 0,
    });
    expect(await choiceOf({ footageKind: 'stills', shrinkage: 9 }, pixels)).toEqual({
      footageKind: 'stills',
      shrinkage: 9,
    });
    expect(await choiceOf({ profile: 'paper', shrinkage: 9 }, pixels)).toEqual({
      footageKind: 'stills',
      shrinkage: 0,
    });
  });

  test('asked before the halves were merged, it stays', async () => {
    const learner = await learn(new HalvedLearner(optionsOf({})), flicker(100), [50]);
    const before = learner.choice();
    learner.whole();
    expect(learner.choice()).toEqual(before);
  });
});
