// Fits on a data set's normal part, scores its test part, and measures: pooled over all frames, on raw scores,
// with nothing chosen on test labels.
import type { EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import type { Clip, Dataset } from '../datasets/dataset.ts';
import { PixelCurves } from '../metrics/pixel-curves.ts';
import { rocAuc } from '../metrics/roc-auc.ts';
import { GaussianFitter } from '../padim/gaussian-fitter.ts';
import { mapOperator } from '../padim/map-operator.ts';
import type { Profile } from '../padim/profile.ts';
import { SceneScorer } from '../padim/scene-scorer.ts';
import { peakOf } from '../pipeline/map-peak.ts';

/** Masks and pixel metrics are at this resolution. */
const MASK_SIDE = 256;

export interface ClipFrames {
  /** frameCount × FRAME_BYTES, rgb24; valid until the next batch. */
  readonly pixels: Uint8Array;
  readonly frameCount: number;
}

export interface EvaluationOptions {
  readonly dataset: Dataset;
  readonly engine: Engine;
  readonly profile: Profile;
  readonly plan: EmbeddingPlan;
  readonly batchFrames: number;
  readonly readFrames: (clip: Clip, batchFrames: number) => AsyncIterable<ClipFrames>;
  readonly readMask: (path: string) => Promise<Uint8Array>;
  readonly onProgress: (stage: 'fit' | 'score', frameCount: number) => void;
}

export interface EvaluationResult {
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
  const fitStartMs = performance.now();
  const fitter = new GaussianFitter(options);
  for await (const { frames } of batchesOf(options.dataset.trainClips, options)) {
    await fitter.add(frames.pixels, frames.frameCount);
    options.onProgress('fit', fitter.frameCount);
  }
  const gaussian = fitter.finish();
  const fitSeconds = (performance.now() - fitStartMs) / 1_000;

  const scorer = new SceneScorer({ ...options, gaussian });
  const scored = await scoreTestClips(options, scorer);
  return {
    trainFrames: fitter.frameCount,
    fitSeconds,
    fitFramesPerSecond: fitter.frameCount / fitSeconds,
    modelBytes:
      (gaussian.mean.length + packedLength(gaussian.factor.length, gaussian.dimensions)) * 4,
    ...scored,
  };
};

/** Numbers of triangular (d, d) matrices without their zeros, as the model file holds them. */
const packedLength = (length: number, d: number): number => (length * (d + 1)) / (2 * d);

/** The clips' frames in batches, with the clip and the place in it. */
async function* batchesOf(
  clips: readonly Clip[],
  { readFrames, batchFrames }: EvaluationOptions,
): AsyncGenerator<{ clip: Clip; first: number; frames: ClipFrames }> {
  for (const clip of clips) {
    let first = 0;
    for await (const frames of readFrames(clip, batchFrames)) {
      yield { clip, first, frames };
      first += frames.frameCount;
    }
  }
}

const scoreTestClips = async (options: EvaluationOptions, scorer: SceneScorer) => {
  const { dataset, engine } = options;
  const side = scorer.mapSide;
  const cellCount = side * side;
  const toMask = side === MASK_SIDE ? undefined : mapOperator(side, MASK_SIDE, 0);
  const curves = new PixelCurves();
  const scores: number[] = [];
  const labels: number[] = [];
  let testFrames = 0;
  let hasMasks = false;
  let scoringMs = 0;
  for await (const { clip, first, frames } of batchesOf(dataset.testClips, options)) {
    const startMs = performance.now();
    const maps = await scorer.score(frames.pixels, frames.frameCount);
    for (let index = 0; index < frames.frameCount; index++) {
      const label = clip.labels?.[first + index];
      if (label === undefined) continue;
      scores.push(
        peakOf(maps.subarray(index * cellCount, (index + 1) * cellCount), undefined).score,
      );
      labels.push(label);
    }
    scoringMs += performance.now() - startMs;
    testFrames += frames.frameCount;
    options.onProgress('score', testFrames);
    if (clip.masks === undefined) continue;
    hasMasks = true;
    const large =
      toMask === undefined ? maps : await engine.resizeMaps(maps, side, toMask, MASK_SIDE);
    for (let index = 0; index < frames.frameCount; index++) {
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
