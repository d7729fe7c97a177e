// `evaluate`: puts a data set, an engine and a profile together and returns what design names as its JSON.
import { FfmpegBinary } from '../capture/ffmpeg-binary.ts';
import { FfmpegSource } from '../capture/ffmpeg-source.ts';
import type { FootageKind } from '../core/footage-kind.ts';
import { PatchwatchError } from '../core/errors.ts';
import { silentLogger } from '../core/ports/logger.ts';
import type { Clip, Dataset } from '../datasets/dataset.ts';
import { readFolder } from '../datasets/folder.ts';
import { readImageFrames, readMask } from '../datasets/image-frames.ts';
import { limitFrames } from '../datasets/limit-frames.ts';
import { readPed2 } from '../datasets/ped2.ts';
import { OnnxEngine } from '../engine/onnx-engine.ts';
import { evaluateDataset, type EvaluationResult } from '../evaluation/evaluate-dataset.ts';
import type { ClipFrames } from '../evaluation/frame-runs.ts';
import { drawEmbeddingPlan } from '../padim/embedding-plan.ts';
import { ASSETS_DIR } from './assets-dir.ts';
import { openMotion } from './open-motion.ts';
import { resolveModelSetting } from './model-requirements.ts';
import { pullBatches } from './pull-batches.ts';
import { systemClock } from './system-clock.ts';

export const BATCH_FRAMES = 16;

const READERS: Readonly<Record<string, (root: string) => Promise<Dataset>>> = {
  ped2: readPed2,
  folder: readFolder,
};

export const DATASET_NAMES: readonly string[] = Object.keys(READERS);

export interface EvaluateOptions {
  readonly dataset: string;
  readonly root: string;
  readonly profile: string;
  readonly backbone: string;
  readonly dimensions: number | undefined;
  readonly seed: number;
  /** Cues of video, as far as the profile has them. */
  readonly appearance: boolean;
  readonly change: boolean;
  readonly motion: boolean;
  /** Weight of the newest map; the profile's when undefined. */
  readonly smoothing: number | undefined;
  /** κ of own covariances of stills; chosen by the footage when undefined. */
  readonly shrinkage: number | undefined;
  /** What the footage is taken for; told by the data set or its frames when undefined. */
  readonly footage: FootageKind | undefined;
  readonly threads: number;
  readonly trainLimit: number | undefined;
  readonly testLimit: number | undefined;
  readonly onProgress: (stage: 'fit' | 'score', frameCount: number) => void;
}

export interface EvaluationReport extends EvaluationResult {
  readonly dataset: string;
  readonly category: null;
  readonly method: 'padim';
  readonly profile: string;
  readonly backbone: string;
  readonly engine: string;
  readonly seed: number;
  readonly dimensions: number;
  readonly peakRssBytes: number;
}

/** @throws PatchwatchError USAGE, DATASET_INVALID, … */
export const runEvaluation = async (options: EvaluateOptions): Promise<EvaluationReport> => {
  const { dataset, profile, backbone, plan, engine, motion } = await openEvaluation(options);
  try {
    const result = await evaluateDataset({
      dataset,
      engine,
      motion,
      profile,
      plan,
      shrinkage: options.shrinkage,
      withAppearance: options.appearance,
      batchFrames: BATCH_FRAMES,
      readFrames,
      readMask,
      onProgress: options.onProgress,
    });
    return {
      dataset: dataset.name,
      category: null,
      method: 'padim',
      profile: profile.name,
      backbone,
      engine: engine.name,
      seed: options.seed,
      dimensions: plan.channels.reduce((sum, list) => sum + list.length, 0),
      ...result,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await engine.close();
  }
};

/** Reads the data set and makes ready what it is learnt and scored with. The caller closes the engine. */
export const openEvaluation = async (options: EvaluateOptions) => {
  const read = READERS[options.dataset];
  if (read === undefined) {
    throw new PatchwatchError(
      'USAGE',
      `data set "${options.dataset}" is unknown; allowed: ${DATASET_NAMES.join(', ')}`,
    );
  }
  const { profile: shipped, backbone, requirements } = await resolveModelSetting(options);
  const profile = {
    ...shipped,
    dimensions: options.dimensions ?? shipped.dimensions,
    smoothing: options.smoothing ?? shipped.smoothing,
  };
  const dataset = await read(options.root);
  const plan = drawEmbeddingPlan({
    profile,
    backbone: backbone.name,
    stageChannels: backbone.stageChannels,
    seed: options.seed,
  });
  return {
    dataset: {
      ...dataset,
      footageKind: options.footage ?? dataset.footageKind,
      trainClips: limitFrames(dataset.trainClips, options.trainLimit),
      testClips: limitFrames(dataset.testClips, options.testLimit),
    },
    profile,
    backbone: backbone.name,
    backboneSha256: requirements.backboneSha256,
    plan,
    engine: new OnnxEngine({ assetsDir: ASSETS_DIR, threads: options.threads }),
    motion: await openMotion(),
  };
};

export const readFrames = (clip: Clip, batchFrames: number): AsyncIterable<ClipFrames> => {
  if (clip.footage.kind === 'images') return readImageFrames(clip.footage.paths, batchFrames);
  const source = new FfmpegSource({
    url: clip.footage.path,
    ffmpeg: new FfmpegBinary({ path: 'ffmpeg' }),
    fps: 'all',
    clock: systemClock,
    logger: silentLogger,
  });
  return pullBatches(source, batchFrames);
};
