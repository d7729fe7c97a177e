// The methods that `evaluate` knows, ready to learn. The caller closes method and engine.
import type { EngineSetting } from '../../core/engine-setting.ts';
import type { EmbeddingPlan, Engine } from '../../core/ports/engine.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import type { MotionEstimator } from '../../core/ports/motion-estimator.ts';
import { OnnxNearest } from '../../engine/onnx-nearest.ts';
import type { ReadFrames } from '../../evaluation/frame-runs.ts';
import type { Method } from '../../evaluation/method.ts';
import { padimMethod } from '../../evaluation/padim-method.ts';
import { rivalMethod } from '../../evaluation/rival-method.ts';
import { sumOfMethods } from '../../evaluation/sum-of-methods.ts';
import { drawEmbeddingPlan } from '../../padim/embedding-plan.ts';
import { REDUCTIONS, type Reduction } from '../../padim/reduction.ts';
import { parseStages } from '../../padim/stage-groups.ts';
import { SpadeScorer } from '../../rivals/spade-scorer.ts';
import { VaeScorer } from '../../rivals/vae-scorer.ts';
import { ASSETS_DIR } from '../../process/assets-dir.ts';
import { resolveModelSetting, type ModelSetting } from '../../scoring/model-requirements.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { openMotion } from '../../motion/open-motion.ts';
import { openTfjs } from '../../engine/open-tfjs.ts';
import { BATCH_FRAMES } from '../read-frames.ts';

export { REDUCTIONS, type Reduction };
export { PROFILE_NAMES } from '../../padim/profile.ts';
export const METHOD_NAMES = ['padim', 'spade', 'vae'] as const;

export interface MethodOptions extends ModelSetting {
  readonly method: (typeof METHOD_NAMES)[number];
  readonly dimensions: number | undefined;
  readonly reduction: Reduction;
  /** As `parseStages` reads them; the profile's when undefined. */
  readonly stages: string | undefined;
  readonly seed: number;
  /** False: video is judged by its motion alone. */
  readonly appearance: boolean;
  /** Weight of the newest map; the profile's when undefined. */
  readonly smoothing: number | undefined;
  /** κ of own covariances of stills; chosen by the footage when undefined. */
  readonly shrinkage: number | undefined;
  /** Training epochs of the VAE; the paper's when undefined. */
  readonly epochs: number | undefined;
  readonly engine: EngineSetting['kind'];
  readonly threads: number;
  readonly precision: EngineSetting['precision'];
}

export interface OpenMethodOptions extends MethodOptions {
  readonly readFrames: ReadFrames;
}

export interface OpenedMethod {
  readonly method: Method;
  readonly engine: Engine;
  readonly facts: {
    readonly profile: string;
    readonly backbone: string;
    readonly engine: string;
    readonly dimensions: number;
  };
}

/** @throws PatchwatchError USAGE, BACKBONE_UNKNOWN, TFJS_MISSING */
export const openMethod = async (options: OpenMethodOptions): Promise<OpenedMethod> => {
  const { parts, plans, backbone, dimensions } = await openParts(options);
  const { engine, profile } = parts;
  const [first, ...others] = plans.map((plan) => methodOf(options, { ...parts, plan }));
  if (first === undefined) throw new RangeError('there is no stage to learn');
  return {
    engine,
    method: others.length === 0 ? first : sumOfMethods([first, ...others]),
    facts: { profile: profile.name, backbone, engine: engine.name, dimensions },
  };
};

/** What scenes are learnt and scored with. */
export const openParts = async (options: MethodOptions) => {
  const { engine: kind, threads, precision } = options;
  const setting: EngineSetting = { kind, device: 'auto', threads, precision };
  const { profile: shipped, backbone, requirements } = await resolveModelSetting(options, setting);
  const wanted = options.dimensions ?? shipped.dimensions;
  const profile = {
    ...shipped,
    // SPADE compares all channels, and a projection is made of all.
    dimensions: options.method === 'padim' && options.reduction === 'random' ? wanted : Infinity,
    smoothing: options.smoothing ?? shipped.smoothing,
  };
  const groups = parseStages(options.stages, profile.stageCount);
  const plans = groups.map((stages) =>
    drawEmbeddingPlan({
      profile,
      backbone: backbone.name,
      stageChannels: backbone.stageChannels,
      seed: options.seed,
      stages,
    }),
  );
  const projection =
    options.reduction === 'pca' || options.reduction === 'semi-orthogonal'
      ? { kind: options.reduction, dimensions: wanted, seed: options.seed }
      : undefined;
  const engine = openEngine(setting, silentLogger);
  const motion: MotionEstimator = await openMotion();
  return {
    parts: { engine, motion, profile, projection },
    plans,
    dimensions: keptChannels(plans, projection?.dimensions),
    backbone: backbone.name,
    backboneSha256: requirements.backboneSha256,
  };
};

/** Of all plans together, at most so many of each. */
const keptChannels = (plans: readonly EmbeddingPlan[], most = Infinity): number =>
  plans
    .map(({ channels }) => channels.reduce((sum, list) => sum + list.length, 0))
    .reduce((sum, count) => sum + Math.min(count, most), 0);

type Parts = Awaited<ReturnType<typeof openParts>>['parts'] & { readonly plan: EmbeddingPlan };

const methodOf = (options: OpenMethodOptions, parts: Parts): Method => {
  const reading = { batchFrames: BATCH_FRAMES, readFrames: options.readFrames };
  switch (options.method) {
    case 'padim':
      return padimMethod({
        ...parts,
        ...reading,
        shrinkage: options.shrinkage,
        withAppearance: options.appearance,
      });
    case 'spade': {
      const neighbours = new OnnxNearest({ assetsDir: ASSETS_DIR, threads: options.threads });
      const scorer = new SpadeScorer({ engine: parts.engine, neighbours, plan: parts.plan });
      const method = rivalMethod({ ...reading, name: 'spade', scorer });
      return {
        ...method,
        close: async () => {
          await method.close();
          await neighbours.close();
        },
      };
    }
    case 'vae': {
      const tf = openTfjs({ kind: 'any', threads: options.threads });
      const scorer = new VaeScorer({
        tf,
        seed: options.seed,
        ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
      });
      return rivalMethod({ ...reading, name: 'vae', scorer });
    }
  }
};
