// `fit`: learns one scene of a configured camera, from its stream, a file or a folder of frames.
import { join } from 'node:path';

import type { Config } from '../../config/config.ts';
import type { PartLearner } from '../../core/ports/part-learner.ts';
import type { SceneModel } from '../../core/ports/model-store.ts';
import { SceneFit } from '../../fitting/fit-scene.ts';
import { forget } from '../../fitting/forget.ts';
import { partLearners, type PartLearnersOptions } from '../../fitting/part-learners.ts';
import { FrameSpool } from '../../fitting/frame-spool.ts';
import { drawEmbeddingPlan } from '../../padim/embedding-plan.ts';
import { frameGapMs } from '../../core/frame-gap.ts';
import { ignoreMask } from '../../reading/ignore-mask.ts';
import type { FitIdentity } from '../../store/fit-state-codec.ts';
import { FitStateStore } from '../../store/fit-state-store.ts';
import { FsModelStore } from '../../store/fs-model-store.ts';
import { modelsDir } from '../../config/data-folders.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { openMedian } from '../../motion/open-median.ts';
import { openMotion } from '../../motion/open-motion.ts';
import { SharedFlow } from '../../movement/shared-flow.ts';
import { resolveModelSetting } from '../../scoring/model-requirements.ts';
import { ReleaseStack } from '../../process/release-stack.ts';
import { BATCH_FRAMES, playFootage, type FootageOptions } from './play-footage.ts';

export interface FitCameraOptions extends Omit<FootageOptions, 'config' | 'learner'> {
  readonly config: Config;
  /** Goes on from the scene's earlier fit, of which this share is forgotten; undefined: starts anew. */
  readonly extend?: { readonly forget: number } | undefined;
}

export interface FitReport {
  readonly model: SceneModel;
  readonly version: string;
  readonly sizeBytes: number;
  readonly path: string;
  readonly seconds: number;
}

/** @throws PatchwatchError; nothing is written unless it resolves */
export const fitCamera = async (options: FitCameraOptions): Promise<FitReport> => {
  const { config, camera, scene } = options;
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
    const earlier =
      options.extend === undefined
        ? undefined
        : forget(await states.load(stateIdentity), options.extend.forget);
    const spool = await FrameSpool.create(join(config.dataDir, 'tmp'));
    stack.push(() => spool.remove());
    const plan = drawEmbeddingPlan({
      profile,
      backbone: backbone.name,
      stageChannels: backbone.stageChannels,
      seed: camera.seed,
    });
    const flow = new SharedFlow(await openMotion());
    const learners = await learnersOf(options, { engine, profile, plan, flow });
    for (const learner of learners) stack.push(() => learner.release?.());
    const fit = new SceneFit({
      ...{ engine, profile, spool, earlier, plan, motion: flow, partLearners: learners },
      batchFrames: BATCH_FRAMES,
      smoothing: camera.smoothing,
      alert: camera.alert,
      gapMs: frameGapMs(camera.fps),
      footageKind: 'video',
      shrinkage: undefined,
      isIgnored: ignoreMask(camera.ignore, profile.map.side),
      identity: {
        cameraId: camera.id,
        sceneId: scene.sceneId,
        backbone: backbone.name,
        backboneSha256: requirements.backboneSha256,
        seed: camera.seed,
      },
    });
    await playFootage({ ...options, learner: fit });
    const model = await fit.finish();
    const saved = await new FsModelStore({ folder: modelsDir(config) }).save(model);
    await states.save(fit.state, stateIdentity);
    return { model, ...saved, seconds: (performance.now() - startMs) / 1_000 };
  });
};

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
