import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import type { FootageKind } from '../../../src/core/footage-kind.ts';
import { FRAME_BYTES } from '../../../src/core/frame.ts';
import type { WhitenedGaussian } from '../../../src/core/ports/engine.ts';
import { FlowKernel, compileFlowModule } from '../../../src/motion/flow-kernel.ts';
import { MotionField } from '../../../src/motion/motion-field.ts';
import { profileNamed } from '../../../src/padim/profile.ts';
import { SceneLearner } from '../../../src/padim/scene-learner.ts';
import { referencePlan } from '../../support/reference-engine.ts';
import { movingPattern } from '../motion/motion-goldens.ts';
import { ReusingEngine, drift, flicker, runAt } from './made-footage.ts';

const GRID = 4;
const D = 3;
const wasm = compileFlowModule(
  readFileSync(new URL('../../../assets/motion/flow.wasm', import.meta.url)),
);

const learner = (
  footageKind: FootageKind | undefined,
  profile: 'paper' | 'surveillance' = 'surveillance',
  cues = profileNamed(profile).cues,
): SceneLearner =>
  new SceneLearner({
    engine: new ReusingEngine(),
    profile: { ...profileNamed(profile), grid: GRID, stageCount: 1, dimensions: D, cues },
    plan: referencePlan(GRID),
    motion: new MotionField(new FlowKernel(wasm)),
    footageKind,
  });

/** Learns frames first to last, in runs of these lengths over and over. */
const learn = async (
  one: SceneLearner,
  pixels: Uint8Array,
  lengths: readonly number[],
  [first, last] = [0, pixels.length / FRAME_BYTES],
): Promise<SceneLearner> => {
  for (let at = first, round = 0; at < last; round++) {
    const count = Math.min(lengths[round % lengths.length]!, last - at);
    const context = at === 0 ? 'none' : at === first ? 'given' : 'seen';
    await one.add(runAt(pixels, at, count, context));
    at += count;
  }
  await one.flush();
  return one;
};

/** Largest difference, relative to the largest value. */
const difference = (a: Float32Array, b: Float32Array): number => {
  expect(a.length).toBe(b.length);
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at]!)), 0) / largest;
};

const expectEqual = (a: WhitenedGaussian | undefined, b: WhitenedGaussian | undefined): void => {
  expect(a?.covariance).toBe(b?.covariance);
  if (a === undefined || b === undefined) return;
  expect(difference(a.mean, b.mean)).toBeLessThan(1e-5);
  expect(difference(a.factor, b.factor)).toBeLessThan(1e-4);
};

describe('two learners merged, each of one part, have learnt what one learns of all', () => {
  const cases = [
    { kind: 'video', pixels: movingPattern(0.7, 0.3, 11) },
    { kind: 'stills', pixels: flicker(24) },
  ] as const;
  test.each(cases)('$kind', async ({ kind, pixels }) => {
    const frames = pixels.length / FRAME_BYTES;
    const whole = await learn(learner(kind), pixels, [frames]);
    const merged = await learn(learner(kind), pixels, [2, 3], [0, 7]);
    merged.merge(await learn(learner(kind), pixels, [1, 3], [7, frames]));
    expect(merged.frameCount).toBe(frames);
    expect(Buffer.compare(merged.meanFrame(), whole.meanFrame())).toBe(0);
    const [a, b] = [merged.finish(kind, 5), whole.finish(kind, 5)];
    expectEqual(a.appearance, b.appearance);
    expect(a.motion === undefined).toBe(kind === 'stills');
    expectEqual(a.motion, b.motion);
  });

  test('a learner that saw nothing yet takes over what the other knows', async () => {
    const pixels = flicker(20);
    const merged = learner('stills');
    merged.merge(await learn(learner('stills'), pixels, [20]));
    const whole = await learn(learner('stills'), pixels, [20]);
    expectEqual(merged.finish('stills', 0).appearance, whole.finish('stills', 0).appearance);
    expect(Buffer.compare(merged.meanFrame(), whole.meanFrame())).toBe(0);
  });
});

describe('what the footage is', () => {
  test('is told by the frames, and either kind can then be had', async () => {
    const video = await learn(learner(undefined), drift(80), [16]);
    const stills = await learn(learner(undefined), flicker(80), [16]);
    expect(video.footageKind()).toBe('video');
    expect(stills.footageKind()).toBe('stills');
    for (const one of [video, stills]) {
      const moving = one.finish('video', 0);
      expect(moving.hasChange).toBe(true);
      expect(moving.appearance).toMatchObject({ covariance: 'shared', dimensions: 2 * D });
      expect(moving.motion).toMatchObject({ covariance: 'own', patchCount: 1024 });
      const still = one.finish('stills', 0);
      expect(still).toMatchObject({ hasChange: false, motion: undefined });
      expect(still.appearance).toMatchObject({ covariance: 'own', dimensions: D });
    }
  });

  test('as given, it is not asked of the frames, and nothing else is learnt', async () => {
    const video = await learn(learner('video'), flicker(20), [20]);
    expect(video.footageKind()).toBe('video');
    expect(video.state().own).toBeUndefined();
    expect(() => video.finish('stills', 0)).toThrow(RangeError);
    const stills = await learn(learner('stills'), drift(20), [20]);
    expect(stills.footageKind()).toBe('stills');
    expect(() => stills.finish('video', 0)).toThrow(RangeError);
  });

  test('telling it by change does not make change a cue that was switched off', async () => {
    const cues = { change: false, motion: true };
    const told = await learn(learner(undefined, 'surveillance', cues), drift(80), [16]);
    const given = await learn(learner('video', 'surveillance', cues), drift(80), [16]);
    expect(told.footageKind()).toBe('video');
    const [a, b] = [told.finish('video', 0), given.finish('video', 0)];
    expect(a.hasChange).toBe(false);
    expect(a.appearance.dimensions).toBe(D);
    expectEqual(a.appearance, b.appearance);
    expectEqual(a.motion, b.motion);
  });

  test('the paper’s profile takes all footage for stills, and shrinks nothing', async () => {
    const paper = await learn(learner(undefined, 'paper'), drift(40), [16]);
    expect(paper.footageKind()).toBe('stills');
    const asPublished = paper.finish('stills', 0);
    expect(asPublished).toMatchObject({ hasChange: false, motion: undefined });
    expect(asPublished.appearance).toMatchObject({ covariance: 'own', dimensions: D });
    expect(paper.finish('stills', 1_000).appearance.factor).toEqual(asPublished.appearance.factor);
    // While the other profile does shrink.
    const other = await learn(learner('stills'), drift(40), [16]);
    expect(other.finish('stills', 1_000).appearance.factor).not.toEqual(
      other.finish('stills', 0).appearance.factor,
    );
  });
});

test('the mean frame counts each frame once, the frames before runs not at all', async () => {
  const pixels = flicker(9);
  const { length } = pixels;
  const one = await learn(learner('stills'), pixels, [2]);
  const mean = one.meanFrame();
  for (const at of [0, 100_001, FRAME_BYTES - 1]) {
    let sum = 0;
    for (let from = at; from < length; from += FRAME_BYTES) sum += pixels[from]!;
    expect(mean[at]).toBe(Math.round(sum / 9));
  }
});

test('one frame teaches nothing that varies; frozen frames are told from it', async () => {
  const one = await learn(learner('stills'), flicker(1), [1]);
  expect(() => one.finish('stills', 0)).toThrow(
    expect.objectContaining({ code: 'FOOTAGE_TOO_SHORT' }) as Error,
  );
  const frozen = await learn(learner('stills'), new Uint8Array(5 * FRAME_BYTES).fill(7), [5]);
  expect(() => frozen.finish('stills', 0)).toThrow(
    expect.objectContaining({ code: 'FOOTAGE_CONSTANT' }) as Error,
  );
  expect(() => learner('stills').finish('stills', 0)).toThrow(
    expect.objectContaining({ code: 'FOOTAGE_TOO_SHORT' }) as Error,
  );
});
