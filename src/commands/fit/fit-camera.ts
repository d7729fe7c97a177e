// `fit`: learns one scene of a configured camera, from its stream, a file or a folder of frames.
import { join } from 'node:path';

import type { Config } from '../../config/config.ts';
import { modelsDir } from '../../config/data-folders.ts';
import { PatchwatchError } from '../../core/errors.ts';
import type { FitState } from '../../core/fit-state.ts';
import { frameGapMs } from '../../core/frame-gap.ts';
import type { PartLearner } from '../../core/ports/part-learner.ts';
import type { SceneModel } from '../../core/ports/model-store.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { MIN_TRAINING_FRAMES, SceneFit, type SceneFitOptions } from '../../fitting/fit-scene.ts';
import { forget } from '../../fitting/forget.ts';
import { FrameMemory } from '../../fitting/frame-memory.ts';
import { partLearners, type PartLearnersOptions } from '../../fitting/part-learners.ts';
import { FrameSpool } from '../../fitting/frame-spool.ts';
import { openMedian } from '../../motion/open-median.ts';
import { openMotion } from '../../motion/open-motion.ts';
import { SharedFlow } from '../../movement/shared-flow.ts';
import { drawEmbeddingPlan } from '../../padim/embedding-plan.ts';
import { ReleaseStack } from '../../process/release-stack.ts';
import { ignoreMask } from '../../core/ignore-mask.ts';
import { resolveModelSetting } from '../../scoring/model-requirements.ts';
import type { FitIdentity } from '../../store/fit-state-codec.ts';
import { FitStateStore } from '../../store/fit-state-store.ts';
import { FsModelStore } from '../../store/fs-model-store.ts';
import { watchWithOldModel, type OldModelWatch, type WouldAlert } from './old-model-watch.ts';
import {
  BATCH_FRAMES,
  playFootage,
  type FootageLearner,
  type FootageOptions,
} from './play-footage.ts';

export interface Extension {
  /** Share of what was learnt to forget, 0 … below 1. */
  readonly forget: number;
  /** In place of the last extension: goes on from what was known before it. */
  readonly again?: boolean;
}

export interface FitCameraOptions extends Omit<FootageOptions, 'config' | 'learner' | 'memory'> {
  readonly config: Config;
  /** Goes on from the scene's earlier fit; undefined: starts anew. */
  readonly extend?: Extension | undefined;
  /** With `extend`: what the model before would have raised, as soon as it is over. */
  readonly onWouldAlert?: ((alert: WouldAlert) => void) | undefined;
}

export interface FitReport {
  readonly model: SceneModel;
  readonly version: string;
  readonly sizeBytes: number;
  readonly path: string;
  readonly seconds: number;
  /** Of an extension: what the model before would have raised; undefined where none could watch. */
  readonly wouldAlert: readonly WouldAlert[] | undefined;
}

/** @throws PatchwatchError; nothing is written unless it resolves */
export const fitCamera = async (options: FitCameraOptions): Promise<FitReport> => {
  const { config, camera, scene, extend } = options;
  const startMs = performance.now();
  const stack = new ReleaseStack();
  return stack.around(async () => {
    const { profile, backbone, requirements } = await resolveModelSetting(camera, config.engine);
    const engine = openEngine(config.engine, options.logger);
    stack.push(() => engine.close());
    const states = new FitStateStore(modelsDir(config), camera.id, scene.sceneId);
    const stateIdentity: FitIdentity = {
      profile: requirements.profile,
      backbone: requirements.backbone,
      backboneSha256: requirements.backboneSha256,
      ...profile.cues,
      seed: camera.seed,
    };
    const earlier = await earlierState(states, stateIdentity, extend);
    const spool = await FrameSpool.create(join(config.dataDir, 'tmp'));
    stack.push(() => spool.remove());
    const motion = await openMotion();
    const { seed } = camera;
    const { stageChannels } = backbone;
    const plan = drawEmbeddingPlan({ profile, backbone: backbone.name, stageChannels, seed });
    const flow = new SharedFlow(motion);
    const learners = await learnersOf(options, { engine, profile, plan, flow });
    for (const learner of learners) stack.push(() => learner.release?.());
    const fit = new SceneFit({
      ...settingOf(options, profile.map.side),
      ...{ engine, profile, spool, earlier, plan, motion: flow, partLearners: learners },
      identity: {
        ...{ cameraId: camera.id, sceneId: scene.sceneId, seed, backbone: backbone.name },
        backboneSha256: requirements.backboneSha256,
      },
    });
    const { onWouldAlert = () => undefined } = options;
    const old = hasOldModel(extend)
      ? await watchWithOldModel({ ...options, engine, motion, requirements, onWouldAlert })
      : undefined;
    const memory = new FrameMemory(earlier?.seen);
    const learner = watchedLearner(fit, old);
    const newFrames = await playFootage({ ...options, memory, learner });
    old?.end();
    checkIsNew(options, newFrames, memory.repeatCount);
    const model = withRepeats(await fit.finish(), memory.repeatCount);
    const saved = await new FsModelStore({ folder: modelsDir(config) }).save(model);
    await states.save({ ...fit.state, seen: memory.state() }, stateIdentity, keptBy(extend));
    const seconds = (performance.now() - startMs) / 1_000;
    return { model, ...saved, seconds, wouldAlert: old?.alerts };
  });
};

/** The model before sees each batch before it is learnt. */
const watchedLearner = (fit: SceneFit, old: OldModelWatch | undefined): FootageLearner => ({
  get frameCount() {
    return fit.frameCount;
  },
  add: async (batch, firstMs) => {
    await old?.add(batch, firstMs);
    await fit.add(batch);
  },
});

const learnersOf = async (
  { config, camera }: FitCameraOptions,
  made: Pick<PartLearnersOptions, 'engine' | 'profile' | 'plan' | 'flow'>,
): Promise<readonly PartLearner[]> =>
  partLearners({
    ...made,
    ...{ fps: camera.fps, stay: camera.stay, seed: camera.seed },
    median: await openMedian(),
    folder: join(config.dataDir, 'tmp'),
    budgetPerDay: camera.alert.budget,
  });

const earlierState = async (
  states: FitStateStore,
  identity: FitIdentity,
  extend: Extension | undefined,
): Promise<FitState | undefined> => {
  if (extend === undefined) return undefined;
  const state = await states.load(identity, extend.again === true ? 'before' : 'newest');
  return forget(state, extend.forget);
};

/** The model that stands has learnt the footage of the last extension: it can't say what was new in it. */
const hasOldModel = (extend: Extension | undefined): boolean =>
  extend !== undefined && extend.again !== true;

const keptBy = (extend: Extension | undefined): 'keep' | 'forget' | 'leave' => {
  if (extend === undefined) return 'forget';
  return extend.again === true ? 'leave' : 'keep';
};

/** What of a camera's settings bears on learning. */
const settingOf = (
  { camera }: FitCameraOptions,
  mapSide: number,
): Pick<
  SceneFitOptions,
  'batchFrames' | 'smoothing' | 'alert' | 'gapMs' | 'footageKind' | 'shrinkage' | 'isIgnored'
> => ({
  batchFrames: BATCH_FRAMES,
  smoothing: camera.smoothing,
  alert: camera.alert,
  gapMs: frameGapMs(camera.fps),
  footageKind: 'video',
  shrinkage: undefined,
  isIgnored: ignoreMask(camera.ignore, mapSide),
});

/** What was learnt before adds nothing. */
const checkIsNew = (
  { camera, extend }: FitCameraOptions,
  newFrames: number,
  repeatCount: number,
): void => {
  const needed = extend === undefined ? MIN_TRAINING_FRAMES : 1;
  if (repeatCount === 0 || newFrames >= needed) return;
  const before = extend === undefined ? 'repeat earlier ones' : 'were learnt before';
  throw new PatchwatchError(
    'FOOTAGE_TOO_SHORT',
    `camera ${camera.id}: ${repeatCount} of ${repeatCount + newFrames} frames ${before} (footage seen twice counts once); ` +
      (newFrames === 0
        ? 'there is nothing new to learn; nothing was written'
        : `${newFrames} new ones are too few to learn a scene: at least ${needed} are needed; nothing was written`),
  );
};

const withRepeats = (model: SceneModel, repeatsLeftOut: number): SceneModel => {
  const { metadata } = model;
  const calibration = { ...metadata.calibration, repeatsLeftOut };
  return { ...model, metadata: { ...metadata, calibration } };
};
