// Fits on a data set's normal part, scores its test part, and measures: pooled over all frames, on raw scores,
// with nothing chosen on test labels.
import type { EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import type { SceneGaussians } from '../core/scene-gaussians.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { LearningChoice } from '../fitting/halved-learner.ts';
import { PixelCurves } from '../metrics/pixel-curves.ts';
import { rocAuc } from '../metrics/roc-auc.ts';
import { mapOperator } from '../padim/map-operator.ts';
import type { Profile } from '../padim/profile.ts';
import { SceneScorer } from '../padim/scene-scorer.ts';
import { peakOf } from '../pipeline/map-peak.ts';
import { MapSmoother } from '../pipeline/map-smoother.ts';
import { runsOf, type ReadFrames } from './frame-runs.ts';
import { learnDataset } from './learn-dataset.ts';

/** Masks and pixel metrics are at this resolution. */
const MASK_SIDE = 256;

export interface EvaluationOptions {
  readonly dataset: Dataset;
  readonly engine: Engine;
  readonly motion: MotionEstimator;
  readonly profile: Profile;
  readonly plan: EmbeddingPlan;
  /** κ; chosen by the footage when undefined. */
  readonly shrinkage: number | undefined;
  /** False: video is judged by its motion alone. */
  readonly withAppearance: boolean;
  readonly batchFrames: number;
  readonly readFrames: ReadFrames;
  readonly readMask: (path: string) => Promise<Uint8Array>;
  readonly onProgress: (stage: 'fit' | 'score', frameCount: number) => void;
}

export interface EvaluationResult extends LearningChoice {
  readonly trainFrames: number;
  readonly testFrames: number;
  readonly frameAuroc: number | null;
  readonly pixelAuroc: number | null;
  /** Bound on what binning can have changed in pixelAuroc. */
  readonly pixelAurocError: number | null;
  readonly proScore: number | null;
  readonly fitSeconds: number;
  readonly fitFramesPerSecond: number;
  readonly scoreFramesPerSecond: number;
  readonly modelBytes: number;
}

export const evaluateDataset = async (options: EvaluationOptions): Promise<EvaluationResult> => {
  const { dataset, onProgress } = options;
  const fitStartMs = performance.now();
  const { gaussians, ...learned } = await learnDataset({
    ...options,
    clips: dataset.trainClips,
    footageKind: dataset.footageKind,
    onProgress: (frameCount) => {
      onProgress('fit', frameCount);
    },
  });
  const fitSeconds = (performance.now() - fitStartMs) / 1_000;
  const scorer = new SceneScorer({ ...options, gaussians });
  // Averaging over time is for frames that follow each other.
  const smoothing = learned.footageKind === 'video' ? options.profile.smoothing : 1;
  const scored = await scoreTestClips(options, scorer, smoothing);
  return {
    ...learned,
    fitSeconds,
    fitFramesPerSecond: learned.trainFrames / fitSeconds,
    modelBytes: modelBytes(options.profile, gaussians),
    ...scored,
  };
};

/** Of the tensors as the model file holds them: triangles without their zeros, half precision where it has it. */
const modelBytes = (profile: Profile, { appearance, motion }: SceneGaussians): number => {
  const { dimensions: d, mean, factor, covariance } = appearance;
  const factorBytes = profile.name !== 'paper' && covariance === 'own' ? 2 : 4;
  const packed = (factor.length * (d + 1)) / (2 * d);
  return (
    mean.length * 4 + packed * factorBytes + (motion === undefined ? 0 : motion.patchCount * 20)
  );
};

const scoreTestClips = async (
  options: EvaluationOptions,
  scorer: SceneScorer,
  smoothing: number,
) => {
  const { dataset, engine, readFrames, batchFrames } = options;
  const side = scorer.mapSide;
  const cellCount = side * side;
  const toMask = side === MASK_SIDE ? undefined : mapOperator(side, MASK_SIDE, 0);
  const smoother = new MapSmoother({ weight: smoothing, cellCount });
  const curves = new PixelCurves();
  const scores: number[] = [];
  const labels: number[] = [];
  let testFrames = 0;
  let hasMasks = false;
  let scoringMs = 0;
  for await (const { clip, first, run } of runsOf(dataset.testClips, readFrames, batchFrames)) {
    const startMs = performance.now();
    const maps = await scorer.score(run);
    if (first === 0) smoother.reset();
    for (let index = 0; index < run.frameCount; index++) {
      const map = maps.subarray(index * cellCount, (index + 1) * cellCount);
      if (smoothing < 1) map.set(smoother.smooth(map));
      const label = clip.labels?.[first + index];
      if (label === undefined) continue;
      scores.push(peakOf(map, undefined).score);
      labels.push(label);
    }
    scoringMs += performance.now() - startMs;
    testFrames += run.frameCount;
    options.onProgress('score', testFrames);
    if (clip.masks === undefined) continue;
    hasMasks = true;
    const large =
      toMask === undefined ? maps : await engine.resizeMaps(maps, side, toMask, MASK_SIDE);
    for (let index = 0; index < run.frameCount; index++) {
      const path = clip.masks[first + index];
      const mask =
        path === undefined ? new Uint8Array(MASK_SIDE ** 2) : await options.readMask(path);
      curves.add(
        large.subarray(index * MASK_SIDE ** 2, (index + 1) * MASK_SIDE ** 2),
        mask,
        MASK_SIDE,
      );
    }
  }
  const pixels = hasMasks ? curves.finish() : undefined;
  return {
    testFrames,
    frameAuroc: rocAuc(Float64Array.from(scores), Uint8Array.from(labels)) ?? null,
    pixelAuroc: pixels?.auroc ?? null,
    pixelAurocError: pixels?.aurocError ?? null,
    proScore: pixels?.pro ?? null,
    scoreFramesPerSecond: testFrames / (scoringMs / 1_000),
  };
};
