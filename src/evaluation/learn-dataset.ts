// Learns the normal part of a data set: what `fit` does with a camera's footage, but for the alert threshold.
import type { FootageKind } from '../core/footage-kind.ts';
import type { EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import type { SceneGaussians } from '../core/scene-gaussians.ts';
import type { Clip } from '../datasets/dataset.ts';
import { HalvedLearner, type LearningChoice } from '../fitting/halved-learner.ts';
import type { Half } from '../fitting/stretches.ts';
import { CueScales } from '../padim/cue-scales.ts';
import type { Profile } from '../padim/profile.ts';
import { SceneLearner } from '../padim/scene-learner.ts';
import { SceneScorer } from '../padim/scene-scorer.ts';
import { runsOf, type ReadFrames } from './frame-runs.ts';
import { StillScore } from './still-score.ts';

/** Frames that tell how cues are scaled; more change the scales by less than a hundredth. */
const SCALE_FRAMES = 512;

/** Of each half, for the other's pictures to be told from them. */
const FEWEST_STILLS = 10;

export interface LearnOptions {
  readonly clips: readonly Clip[];
  readonly footageKind: FootageKind | undefined;
  readonly shrinkage: number | undefined;
  readonly withAppearance: boolean;
  readonly engine: Engine;
  readonly motion: MotionEstimator;
  readonly profile: Profile;
  readonly plan: EmbeddingPlan;
  readonly batchFrames: number;
  readonly readFrames: ReadFrames;
  readonly onProgress: (frameCount: number) => void;
}

export interface LearnedDataset extends LearningChoice {
  readonly gaussians: SceneGaussians;
  readonly trainFrames: number;
  /** Of stills in the profile that is not the paper's: a picture's score from its map. */
  readonly stillScore: StillScore | undefined;
}

export const learnDataset = async (options: LearnOptions): Promise<LearnedDataset> => {
  const { clips, readFrames, batchFrames, onProgress } = options;
  if (!options.profile.isForVideo) return learnAtOnce(options);
  const learner = new HalvedLearner({ ...options, withMeanFrame: false });
  const halves: Half[] = [];
  for await (const { run } of runsOf(clips, readFrames, batchFrames)) {
    halves.push(await learner.add(run));
    onProgress(learner.frameCount);
  }
  await learner.flush();
  const choice = learner.choice();
  const stillScore =
    choice.footageKind === 'stills' ? await scoreOfStills(options, learner, halves) : undefined;
  const { gaussians } = learner.whole();
  const trainFrames = learner.frameCount;
  const known = { ...choice, trainFrames, stillScore };
  if (gaussians.motion === undefined) return { ...known, gaussians };
  return { ...known, gaussians: await withScales(options, gaussians) };
};

/** As the paper does: there is nothing to choose, and halves would take twice the memory. */
const learnAtOnce = async (options: LearnOptions): Promise<LearnedDataset> => {
  const { clips, readFrames, batchFrames, onProgress } = options;
  const learner = new SceneLearner({ ...options, withMeanFrame: false });
  for await (const { run } of runsOf(clips, readFrames, batchFrames)) {
    await learner.add(run);
    onProgress(learner.frameCount);
  }
  await learner.flush();
  const footageKind = learner.footageKind();
  const gaussians = learner.finish(footageKind, 0);
  const trainFrames = learner.frameCount;
  return { footageKind, shrinkage: 0, gaussians, trainFrames, stillScore: undefined };
};

/** Pictures of one half are held out from what the other learnt. @param halves of each run */
const scoreOfStills = async (
  options: LearnOptions,
  learner: HalvedLearner,
  halves: readonly Half[],
): Promise<StillScore> => {
  const { clips, readFrames, batchFrames, profile } = options;
  const cellCount = profile.map.side ** 2;
  const score = new StillScore(cellCount);
  if (learner.smallerHalf >= FEWEST_STILLS) {
    const scorerOf = (half: Half) => new SceneScorer({ ...options, gaussians: learner.half(half) });
    const scorers = [scorerOf(0), scorerOf(1)] as const;
    let index = 0;
    for await (const { run } of runsOf(clips, readFrames, batchFrames)) {
      const maps = await scorers[halves[index++] === 0 ? 1 : 0].score(run);
      for (let first = 0; first < maps.length; first += cellCount) {
        score.addHeldOut(maps.subarray(first, first + cellCount));
      }
    }
  }
  score.finish();
  return score;
};

/** From the first frames of each clip. */
const withScales = async (
  options: LearnOptions,
  gaussians: SceneGaussians,
): Promise<SceneGaussians> => {
  const { clips, readFrames, batchFrames } = options;
  const scorer = new SceneScorer({ ...options, gaussians });
  const scales = new CueScales();
  const perClip = Math.ceil(SCALE_FRAMES / clips.length);
  for (const clip of clips) {
    for await (const { first, run } of runsOf([clip], readFrames, Math.min(perClip, batchFrames))) {
      scales.add(await scorer.cueMaps(run));
      if (first + run.frameCount >= perClip) break;
    }
  }
  const [appearance, motion] = scales.finish();
  // Nothing lies above what deviates without end.
  const silent = { mean: 0, deviation: Infinity };
  return { ...gaussians, scales: [options.withAppearance ? appearance : silent, motion] };
};
