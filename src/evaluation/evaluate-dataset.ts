// Fits on a data set's normal part, scores its test part, and measures: pooled over all frames, on raw scores,
// with nothing chosen on test labels.
import { FRAME_BYTES } from '../core/frame.ts';
import type { Engine } from '../core/ports/engine.ts';
import type { Clip, Dataset, MaskSource } from '../datasets/dataset.ts';
import type { StillGeometry } from '../images/still-geometry.ts';
import { eventRates, type ScoredClip } from './measures/event-rates.ts';
import { PixelCurves } from './measures/pixel-curves.ts';
import type { RocPoint } from './measures/roc-curve.ts';
import { rocAuc } from './measures/roc-auc.ts';
import { mapOperator } from '../padim/maths/map-operator.ts';
import type { FrameRun } from '../padim/frame-run.ts';
import { peakOf } from '../reading/map-peak.ts';
import { MapSmoother } from '../reading/map-smoother.ts';
import type { ObservedFrame } from './examples.ts';
import { runsOf, type ReadFrames } from './frame-runs.ts';
import type { LearnedMethod, Method } from './method.ts';

/** Masks and pixel metrics are at this resolution. */
const MASK_SIDE = 256;
const MASK_CELLS = MASK_SIDE ** 2;

/** Of a curve in a report. */
export const CURVE_POINTS = 300;

export interface EvaluationOptions {
  readonly dataset: Dataset;
  readonly method: Method;
  readonly engine: Engine;
  readonly batchFrames: number;
  readonly readFrames: ReadFrames;
  readonly readMask: (source: MaskSource, geometry?: StillGeometry) => Promise<Uint8Array>;
  readonly onProgress: (stage: 'fit' | 'score', frameCount: number) => void;
  /** For a report: sees every labelled frame, and the curves at the end. */
  readonly observer?: EvaluationObserver;
}

export interface EvaluationObserver {
  frame(frame: ObservedFrame): void;
  pixelCurve(points: readonly RocPoint[]): void;
}

export interface EvaluationResult {
  readonly footageKind: LearnedMethod['footageKind'];
  readonly shrinkage: number | null;
  readonly trainFrames: number;
  readonly testFrames: number;
  readonly frameAuroc: number | null;
  readonly pixelAuroc: number | null;
  /** Bound on what binning can have changed in pixelAuroc. */
  readonly pixelAurocError: number | null;
  readonly proScore: number | null;
  /** At nine of ten events found; null where the frame rate or labels are not known. */
  readonly falseAlertsPerHour: number | null;
  readonly eventRecall: number | null;
  readonly fitSeconds: number;
  readonly fitFramesPerSecond: number;
  readonly scoreFramesPerSecond: number;
  readonly modelBytes: number;
}

interface LabelledScores {
  readonly scores: number[];
  readonly labels: number[];
}

export const evaluateDataset = async (options: EvaluationOptions): Promise<EvaluationResult> => {
  const { dataset, method, onProgress } = options;
  const fitStartMs = performance.now();
  const learned = await method.learn(dataset.trainClips, dataset.footageKind, (frameCount) => {
    onProgress('fit', frameCount);
  });
  const fitSeconds = (performance.now() - fitStartMs) / 1_000;
  const { footageKind, shrinkage, trainFrames, modelBytes } = learned;
  return {
    footageKind,
    shrinkage,
    trainFrames,
    fitSeconds,
    fitFramesPerSecond: trainFrames / fitSeconds,
    modelBytes,
    ...(await scoreTestClips(options, learned)),
  };
};

const scoreTestClips = async (options: EvaluationOptions, learned: LearnedMethod) => {
  const { dataset, engine, readFrames, batchFrames } = options;
  const { smoothing } = learned;
  const side = learned.mapSide;
  const cellCount = side * side;
  const toMask = side === MASK_SIDE ? undefined : mapOperator(side, MASK_SIDE, 0);
  const smoother = new MapSmoother({ weight: smoothing, cellCount });
  const curves = new PixelCurves();
  const scoredClips: LabelledScores[] = [];
  let testFrames = 0;
  let hasMasks = false;
  let scoringMs = 0;
  for await (const { clip, first, run } of runsOf(dataset.testClips, readFrames, batchFrames)) {
    const startMs = performance.now();
    const { maps, scores: own } = await learned.score(run);
    if (first === 0) {
      smoother.reset();
      scoredClips.push({ scores: [], labels: [] });
    }
    const current = scoredClips.at(-1);
    for (let index = 0; index < run.frameCount; index++) {
      const map = maps.subarray(index * cellCount, (index + 1) * cellCount);
      if (smoothing < 1) map.set(smoother.smooth(map));
      const label = clip.labels?.[first + index];
      if (label === undefined) continue;
      const score = own?.[index] ?? peakOf(map, undefined).score;
      current?.scores.push(score);
      current?.labels.push(label);
      const pixels = pixelsOf(run, index);
      const frame = first + index;
      options.observer?.frame({ clipId: clip.id, frame, score, label, pixels, map, side });
    }
    scoringMs += performance.now() - startMs;
    testFrames += run.frameCount;
    options.onProgress('score', testFrames);
    if (clip.masks === undefined) continue;
    hasMasks = true;
    const large =
      toMask === undefined ? maps : await engine.resizeMaps(maps, side, toMask, MASK_SIDE);
    for (let index = 0; index < run.frameCount; index++) {
      const mask = await maskOf(options, clip, first + index);
      curves.add(large.subarray(index * MASK_CELLS, (index + 1) * MASK_CELLS), mask, MASK_SIDE);
    }
  }
  const pixels = hasMasks ? curves.finish() : undefined;
  options.observer?.pixelCurve((hasMasks && curves.rocCurve(CURVE_POINTS)) || []);
  const events = eventRatesOf(scoredClips, dataset.framesPerSecond);
  return {
    testFrames,
    frameAuroc: pooledAuroc(scoredClips),
    pixelAuroc: pixels?.auroc ?? null,
    pixelAurocError: pixels?.aurocError ?? null,
    proScore: pixels?.pro ?? null,
    falseAlertsPerHour: events?.falseAlertsPerHour ?? null,
    eventRecall: events?.recall ?? null,
    scoreFramesPerSecond: testFrames / (scoringMs / 1_000),
  };
};

const pooledAuroc = (clips: readonly LabelledScores[]): number | null =>
  rocAuc(
    Float64Array.from(clips.flatMap(({ scores }) => scores)),
    Uint8Array.from(clips.flatMap(({ labels }) => labels)),
  );

/** Empty where nothing is marked. */
const maskOf = async (
  { readMask }: EvaluationOptions,
  { masks, geometries }: Clip,
  frame: number,
): Promise<Uint8Array> => {
  const source = masks?.[frame];
  return source === undefined ? new Uint8Array(MASK_CELLS) : readMask(source, geometries?.[frame]);
};

/** Nine of ten events, alerts merged over the default cooldown. */
const eventRatesOf = (clips: readonly LabelledScores[], framesPerSecond: number | undefined) =>
  framesPerSecond === undefined
    ? null
    : eventRates(clips.map(packed), { recall: 0.9, framesPerSecond, mergeSeconds: 5 });

const packed = ({ scores, labels }: LabelledScores): ScoredClip => ({
  scores: Float64Array.from(scores),
  labels: Uint8Array.from(labels),
});

const pixelsOf = ({ pixels, context }: FrameRun, index: number): Uint8Array => {
  const place = index + (context === 'none' ? 0 : 1);
  return pixels.subarray(place * FRAME_BYTES, (place + 1) * FRAME_BYTES);
};
