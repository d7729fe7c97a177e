// `evaluate`: puts a data set, an engine and a method together and returns what design names as its JSON.
import type { FootageKind } from '../../core/footage-kind.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { limitFrames } from '../../datasets/limit-frames.ts';
import { readMask } from '../../datasets/masks.ts';
import {
  evaluateDataset,
  type EvaluationObserver,
  type EvaluationResult,
} from '../../evaluation/evaluate-dataset.ts';
import { meanOfRuns, type EvaluationRun } from '../../evaluation/mean-of-runs.ts';
import { openDatasets } from './open-datasets.ts';
import { openMethod, type MethodOptions } from './open-method.ts';
import { BATCH_FRAMES, openFrameReader } from '../read-frames.ts';

export interface EvaluateOptions extends MethodOptions {
  readonly dataset: string;
  readonly root: string;
  readonly category: string | undefined;
  /** Seeds from `seed` on; their mean is reported. */
  readonly seedCount: number;
  /** What the footage is taken for; told by the data set or its frames when undefined. */
  readonly footage: FootageKind | undefined;
  readonly trainLimit: number | undefined;
  readonly testLimit: number | undefined;
  /** Sees every frame, for a report. */
  readonly observer?: EvaluationObserver;
  readonly onProgress: (stage: 'fit' | 'score', frameCount: number) => void;
}

export interface EvaluationReport extends EvaluationResult {
  readonly dataset: string;
  readonly category: string | null;
  readonly method: string;
  readonly profile: string;
  readonly backbone: string;
  readonly engine: string;
  readonly seed: number;
  readonly dimensions: number;
  readonly peakRssBytes: number;
  /** One a scene and seed, where there are several; the figures above are then their means. */
  readonly runs?: readonly EvaluationRun[];
}

/** @throws PatchwatchError USAGE, DATASET_INVALID, … */
export const runEvaluation = async (options: EvaluateOptions): Promise<EvaluationReport> => {
  const runs: EvaluationRun[] = [];
  const readFrames = openFrameReader();
  let facts = { profile: '', backbone: '', engine: '', dimensions: 0 };
  for (let seed = options.seed; seed < options.seed + options.seedCount; seed++) {
    for (const read of await openDatasets({ ...options, seed })) {
      const dataset = withLimits(read, options);
      const precision = precisionFor(dataset, options.precision);
      const opened = await openMethod({ ...options, precision, seed, readFrames });
      const { method, engine } = opened;
      facts = opened.facts;
      try {
        const result = await evaluateDataset({
          dataset,
          method,
          engine,
          batchFrames: BATCH_FRAMES,
          readFrames,
          readMask,
          onProgress: options.onProgress,
          ...(options.observer === undefined ? {} : { observer: options.observer }),
        });
        runs.push({ dataset: dataset.name, seed, ...result });
      } finally {
        await method.close();
        await engine.close();
      }
    }
  }
  return {
    ...meanOfRuns(runs),
    ...facts,
    dataset: options.dataset,
    category: options.category ?? null,
    method: options.method,
    seed: options.seed,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    ...(runs.length > 1 ? { runs } : {}),
  };
};

/**
 * Integers are for video. Stills get float unless told otherwise: nearly the same picture again and again leaves
 * variances that rounding to 8 bits drowns (a made-up set fell from a frame AUROC of 1 to 0.86).
 */
const precisionFor = (
  { footageKind, trainClips }: Dataset,
  precision: EvaluateOptions['precision'],
): EvaluateOptions['precision'] => {
  const isVideo =
    footageKind === 'video' || trainClips.every(({ footage }) => footage.kind === 'video');
  return precision === 'auto' && !isVideo ? 'float32' : precision;
};

export const withLimits = (
  dataset: Dataset,
  { footage, trainLimit, testLimit }: EvaluateOptions,
): Dataset => ({
  ...dataset,
  footageKind: footage ?? dataset.footageKind,
  trainClips: limitFrames(dataset.trainClips, trainLimit),
  testClips: limitFrames(dataset.testClips, testLimit),
});
