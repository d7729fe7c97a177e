// Small scene models for tests, told apart by a seed.
import type { ModelParts } from '../../../src/core/model-part.ts';
import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import type { CovarianceKind, WhitenedGaussian } from '../../../src/core/ports/engine.ts';
import type { SceneModel, SceneModelMetadata } from '../../../src/core/ports/model-store.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';

export interface ModelShape {
  readonly grid: number;
  readonly covariance: CovarianceKind;
  /** Channels taken from each stage. */
  readonly stages: readonly number[];
  readonly hasChange: boolean;
  /** 0: motion is no cue. */
  readonly motionChannels: number;
}

export const SMALL: ModelShape = {
  grid: 2,
  covariance: 'shared',
  stages: [2, 1],
  hasChange: false,
  motionChannels: 0,
};

/** Values are multiples of 1/1024 below 1/2, which half precision holds exactly. */
const gaussian = (
  random: () => number,
  covariance: CovarianceKind,
  patchCount: number,
  d: number,
): WhitenedGaussian => {
  const floats = (length: number): Float32Array =>
    Float32Array.from({ length }, () => Math.floor(1024 * (random() - 0.5)) / 1024);
  const isBelowDiagonal = (index: number): boolean => index % d < Math.floor(index / d) % d;
  return {
    covariance,
    patchCount,
    dimensions: d,
    mean: floats(patchCount * d),
    factor: floats((covariance === 'own' ? patchCount : 1) * d * d).map((value, index) =>
      isBelowDiagonal(index) ? 0 : value,
    ),
  };
};

export const sceneModel = (
  seed: number,
  metadata: Partial<SceneModelMetadata> = {},
  { grid, covariance, stages, hasChange, motionChannels }: ModelShape = SMALL,
): SceneModel => {
  const random = seededRandom(seed);
  const d = stages.reduce((sum, count) => sum + count, 0) * (hasChange ? 2 : 1);
  const hasMotion = motionChannels > 0;
  return {
    metadata: {
      formatVersion: 3,
      cameraId: cameraId('door'),
      sceneId: sceneId('day'),
      profile: 'surveillance',
      backbone: 'efficientnet-lite0',
      backboneSha256: 'ab'.repeat(32),
      grid,
      stageCount: stages.length,
      dimensions: d,
      covariance,
      footageKind: covariance === 'own' ? 'stills' : 'video',
      shrinkage: covariance === 'own' ? 30 : 0,
      seed,
      fittedAt: '2026-05-04T03:02:01.000Z',
      trainingSpanMs: [0, 60_000],
      trainingFrameCount: 300,
      heldOutFrameCount: 300,
      threshold: 12.5,
      calibration: { method: 'peaks over threshold', budgetPerDay: 2 },
      ...metadata,
    },
    channels: stages.map((count) => Int32Array.from({ length: count }, (_, index) => 3 * index)),
    gaussians: {
      appearance: gaussian(random, covariance, grid * grid, d),
      hasChange,
      motion: hasMotion ? gaussian(random, 'own', grid * grid, motionChannels) : undefined,
      scales: hasMotion
        ? [
            { mean: 1.5, deviation: 0.25 },
            { mean: 2.5, deviation: 0.75 },
          ]
        : undefined,
    },
    parts: {},
    meanFrame: Uint8Array.from({ length: FRAME_BYTES }, (_, index) => (index + seed) % 256),
  };
};

/** As made by a learner that nobody knows. */
export const MADE_PARTS: ModelParts = {
  stay: {
    numbers: { threshold: 10.5 },
    arrays: {
      states: { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6), precision: 'half' },
      normal: { shape: [2], values: Float32Array.of(0.1, 7), precision: 'single' },
    },
  },
};
