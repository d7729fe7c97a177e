// What every engine promises (core/ports/engine.ts): on real frames it gives what onnxruntime gives on the processor.
// An adapter's test calls the suite with a way to make one.
import { cp, open } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { FRAME_BYTES } from '../../src/core/frame.ts';
import type {
  CovarianceKind,
  Embedding,
  EmbeddingPlan,
  Engine,
  WhitenedGaussian,
} from '../../src/core/ports/engine.ts';
import type { SceneGaussians } from '../../src/core/scene-gaussians.ts';
import { OnnxEngine } from '../../src/engine/onnx-engine.ts';
import { drawEmbeddingPlan } from '../../src/padim/embedding-plan.ts';
import { mapOperator } from '../../src/padim/maths/map-operator.ts';
import { profileNamed, type Profile } from '../../src/padim/profile.ts';
import { seededRandom } from '../../src/padim/maths/random.ts';
import { SceneLearner } from '../../src/padim/scene-learner.ts';
import { SceneScorer } from '../../src/padim/scene-scorer.ts';
import { makeMotion } from '../support/motion.ts';
import { ROOT } from '../support/patchwatch.ts';
import { realFrames } from '../support/real-frames.ts';
import { tempDir } from '../support/temp-dir.ts';

export type MakeEngine = (backboneFolders: readonly string[]) => Engine;

/** Of the root mean square of what the reference gives. */
const TOLERANCE = 1e-3;
/** A frame's place in a batch may change the order of additions, no more. */
const BATCH_TOLERANCE = 1e-4;
const ASSETS = join(ROOT, 'assets');
const SHIPPED = join(ASSETS, 'backbones');
const BACKBONE = 'efficientnet-lite0';
const STAGE_CHANNELS = [24, 40, 112];
const KINDS: readonly CovarianceKind[] = ['own', 'shared'];

const planOf = (profile: Profile): EmbeddingPlan =>
  drawEmbeddingPlan({ profile, backbone: BACKBONE, stageChannels: STAGE_CHANNELS, seed: 3 });

const PLANS: readonly [string, EmbeddingPlan][] = [
  ['the paper’s cut', planOf(profileNamed('paper'))],
  ['the cut for video', planOf(profileNamed('surveillance'))],
  [
    'few channels, in any order, and of one stage none',
    {
      backbone: BACKBONE,
      stageCount: 3,
      grid: 64,
      channels: [Int32Array.of(), Int32Array.of(7, 0, 39), Int32Array.of(111, 5)],
    },
  ],
];

/** The engine's memory is written again by its next call. */
const kept = (embedding: Embedding): Embedding => ({
  ...embedding,
  values: embedding.values.slice(),
});

/** Largest difference, relative to the root mean square of what is expected. */
const difference = (got: Float32Array, expected: Float32Array): number => {
  expect(got.length).toBe(expected.length);
  let squares = 0;
  let largest = 0;
  for (const [at, value] of expected.entries()) {
    squares += value * value;
    // NaN must not pass for small.
    if (!(Math.abs(got[at]! - value) <= largest)) largest = Math.abs(got[at]! - value);
  }
  return largest / Math.sqrt(squares / expected.length);
};

/** A Gaussian with something to tell in every place: an embedding of its own for the mean, a random factor. */
const gaussianLike = (embedding: Embedding, covariance: CovarianceKind): WhitenedGaussian => {
  const { patchCount, frameCount, dimensions: d, values } = embedding;
  const random = seededRandom(11);
  const mean = Float32Array.from(
    { length: patchCount * d },
    (_, at) => values[Math.floor(at / d) * frameCount * d + (at % d)]! + random(),
  );
  const factor = Float32Array.from(
    { length: (covariance === 'own' ? patchCount : 1) * d * d },
    () => random() - 0.5,
  );
  return { covariance, patchCount, dimensions: d, mean, factor };
};

const learn = async (engine: Engine, profile: Profile, pixels: Uint8Array) => {
  const learner = new SceneLearner({
    engine,
    profile,
    plan: planOf(profile),
    motion: makeMotion(),
    footageKind: profile.isForVideo ? 'video' : 'stills',
  });
  await learner.add({ pixels, frameCount: pixels.length / FRAME_BYTES, context: 'none' });
  await learner.flush();
  const gaussians = learner.finish(profile.isForVideo ? 'video' : 'stills', 0);
  // Of cues: any will do, as long as both engines are given the same.
  const scale = { mean: 1, deviation: 2 };
  return { ...gaussians, scales: [scale, scale] as const };
};

/** Maps of five frames in two runs, the second of which knows the frame before. */
const mapsOf = async (
  engine: Engine,
  profile: Profile,
  gaussians: SceneGaussians,
  pixels: Uint8Array,
): Promise<Float32Array> => {
  const scorer = new SceneScorer({
    engine,
    profile,
    plan: planOf(profile),
    motion: makeMotion(),
    gaussians,
  });
  const first = pixels.subarray(0, 3 * FRAME_BYTES);
  const start = (await scorer.score({ pixels: first, frameCount: 3, context: 'none' })).slice();
  const rest = pixels.subarray(2 * FRAME_BYTES, 5 * FRAME_BYTES);
  const end = await scorer.score({ pixels: rest, frameCount: 2, context: 'given' });
  return Float32Array.from([...start, ...end]);
};

export const engineSuite = (name: string, makeEngine: MakeEngine): void => {
  describe(name, () => {
    const reference = new OnnxEngine({ assetsDir: ASSETS, threads: 2 });
    const engine = makeEngine([SHIPPED]);
    afterAll(async () => {
      await engine.close();
      await reference.close();
    });
    const frames = realFrames(5, 300);
    const [, videoPlan] = PLANS[1]!;
    const someFrames = async (count = 3): Promise<Embedding> =>
      kept(await reference.embed(videoPlan, frames, count));

    test.each(PLANS)('embeddings: %s', async (_, plan) => {
      const expected = await reference.embed(plan, frames, 5);
      const got = await engine.embed(plan, frames, 5);
      expect({ ...got, values: 0 }).toEqual({ ...expected, values: 0 });
      expect(difference(got.values, expected.values)).toBeLessThanOrEqual(TOLERANCE);
    });

    test.each(PLANS)('a frame’s embedding does not depend on its batch: %s', async (_, plan) => {
      const { values, dimensions, patchCount } = kept(await engine.embed(plan, frames, 5));
      for (const frame of [0, 3, 4]) {
        const alone = await engine.embed(plan, frames.subarray(frame * FRAME_BYTES), 1);
        const same = Float32Array.from(alone.values, (_value, at) => {
          const patch = Math.floor(at / dimensions);
          return values[(patch * 5 + frame) * dimensions + (at % dimensions)]!;
        });
        expect(patchCount).toBe(alone.patchCount);
        expect(difference(alone.values, same)).toBeLessThanOrEqual(BATCH_TOLERANCE);
      }
    });

    test('change from frame to frame; a single frame’s too', async () => {
      for (const count of [3, 1]) {
        const embedding = await someFrames(count);
        const last = frames.subarray(4 * FRAME_BYTES);
        const previous = kept(await reference.embed(videoPlan, last, 1)).values;
        const expected = await reference.appendChange(embedding, previous);
        const got = await engine.appendChange(embedding, previous);
        expect(got).toMatchObject({ patchCount: 1024, frameCount: count, dimensions: 128 });
        expect(difference(got.values, expected.values)).toBeLessThanOrEqual(TOLERANCE);
      }
    });

    test('projection', async () => {
      const embedding = await someFrames();
      const random = seededRandom(5);
      const matrix = Float32Array.from({ length: 64 * 7 }, () => random() - 0.5);
      const expected = await reference.project(embedding, matrix);
      const got = await engine.project(embedding, matrix);
      expect(got).toMatchObject({ patchCount: 1024, frameCount: 3, dimensions: 7 });
      expect(difference(got.values, expected.values)).toBeLessThanOrEqual(TOLERANCE);
    });

    test.each(KINDS)('distances, %s covariance', async (kind) => {
      const embedding = await someFrames();
      const gaussian = gaussianLike(embedding, kind);
      const expected = await reference.distances(embedding, gaussian);
      const got = await engine.distances(embedding, gaussian);
      expect(difference(got, expected)).toBeLessThanOrEqual(TOLERANCE);
    });

    test.each(KINDS)('moments, %s covariance', async (kind) => {
      const embedding = await someFrames();
      const { mean } = gaussianLike(embedding, 'shared');
      const expected = await reference.moments(embedding, mean, kind);
      const got = await engine.moments(embedding, mean, kind);
      expect(difference(got.sum, expected.sum)).toBeLessThanOrEqual(TOLERANCE);
      expect(difference(got.product, expected.product)).toBeLessThanOrEqual(TOLERANCE);
    });

    test.each([
      [64, 256, 4],
      [32, 32, 1],
    ])('maps from %i cells to %i', async (side, outSide, sigma) => {
      const random = seededRandom(7);
      const maps = Float32Array.from({ length: 3 * side * side }, random);
      const operator = mapOperator(side, outSide, sigma);
      const expected = await reference.resizeMaps(maps, side, operator, outSide);
      const got = await engine.resizeMaps(maps, side, operator, outSide);
      expect(difference(got, expected)).toBeLessThanOrEqual(TOLERANCE);
    });

    test.each(['paper', 'surveillance'])('whole scenes, profile %s', async (profileName) => {
      const profile = profileNamed(profileName);
      const normal = realFrames(24);
      const expected = await learn(reference, profile, normal);
      const maps = await mapsOf(reference, profile, expected, frames);
      const same = await mapsOf(engine, profile, expected, frames);
      expect(difference(same, maps)).toBeLessThanOrEqual(TOLERANCE);
    });

    test('a scene that it learnt itself', async () => {
      const profile = profileNamed('surveillance');
      const normal = realFrames(24);
      const expected = await learn(reference, profile, normal);
      const got = await learn(engine, profile, normal);
      const { mean } = expected.appearance;
      expect(difference(got.appearance.mean, mean)).toBeLessThanOrEqual(TOLERANCE);
      const maps = await mapsOf(reference, profile, expected, frames);
      const own = await mapsOf(engine, profile, got, frames);
      expect(difference(own, maps)).toBeLessThanOrEqual(TOLERANCE);
    });

    test('what was asked for wrongly is told by code, and the next call works', async () => {
      await expect(
        engine.embed({ ...videoPlan, backbone: 'none' }, frames, 1),
      ).rejects.toMatchObject({
        code: 'BACKBONE_UNKNOWN',
      });
      await expect(engine.embed({ ...videoPlan, grid: 16 }, frames, 1)).rejects.toMatchObject({
        code: 'BACKBONE_UNKNOWN',
      });
      expect((await engine.embed(videoPlan, frames, 1)).frameCount).toBe(1);
    });

    test('a damaged backbone is refused', async () => {
      await using folder = await tempDir();
      await cp(join(SHIPPED, BACKBONE), folder.at(BACKBONE), { recursive: true });
      for (const ending of ['onnx', 'bin']) {
        const file = await open(folder.at(BACKBONE, `embed-s2-g32.${ending}`), 'r+');
        await file.write('damage', 1_000);
        await file.close();
      }
      const damaged = makeEngine([folder.path]);
      await expect(damaged.embed(videoPlan, frames, 1)).rejects.toMatchObject({
        code: 'BACKBONE_CORRUPT',
      });
      await damaged.close();
    });
  });
};
