// The methods that `evaluate` knows, ready to learn. The caller closes method and engine.
import type { Engine } from '../core/ports/engine.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import { OnnxNearest } from '../engine/onnx-nearest.ts';
import type { Method } from '../evaluation/method.ts';
import { padimMethod } from '../evaluation/padim-method.ts';
import { rivalMethod } from '../evaluation/rival-method.ts';
import { drawEmbeddingPlan } from '../padim/embedding-plan.ts';
import { SpadeScorer } from '../rivals/spade-scorer.ts';
import { loadTfjs } from '../rivals/tfjs.ts';
import { VaeScorer } from '../rivals/vae-scorer.ts';
import { ASSETS_DIR } from './assets-dir.ts';
import { resolveModelSetting, type ModelSetting } from './model-requirements.ts';
import { openEngine } from './open-engine.ts';
import { openMotion } from './open-motion.ts';
import { BATCH_FRAMES, readFrames } from './read-frames.ts';

export const METHOD_NAMES = ['padim', 'spade', 'vae'] as const;

export interface MethodOptions extends ModelSetting {
  readonly method: (typeof METHOD_NAMES)[number];
  readonly dimensions: number | undefined;
  readonly seed: number;
  /** False: video is judged by its motion alone. */
  readonly appearance: boolean;
  /** Weight of the newest map; the profile's when undefined. */
  readonly smoothing: number | undefined;
  /** κ of own covariances of stills; chosen by the footage when undefined. */
  readonly shrinkage: number | undefined;
  /** Training epochs of the VAE; the paper's when undefined. */
  readonly epochs: number | undefined;
  readonly threads: number;
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
export const openMethod = async (options: MethodOptions): Promise<OpenedMethod> => {
  const { parts, backbone } = await openParts(options);
  const { engine, plan, profile } = parts;
  return {
    engine,
    method: methodOf(options, parts),
    facts: {
      profile: profile.name,
      backbone,
      engine: engine.name,
      dimensions: plan.channels.reduce((sum, list) => sum + list.length, 0),
    },
  };
};

/** What scenes are learnt and scored with. */
export const openParts = async (options: MethodOptions) => {
  const { profile: shipped, backbone, requirements } = await resolveModelSetting(options);
  const dimensions = options.dimensions ?? shipped.dimensions;
  const profile = {
    ...shipped,
    // SPADE compares all channels.
    dimensions: options.method === 'spade' ? Infinity : dimensions,
    smoothing: options.smoothing ?? shipped.smoothing,
  };
  const plan = drawEmbeddingPlan({
    profile,
    backbone: backbone.name,
    stageChannels: backbone.stageChannels,
    seed: options.seed,
  });
  const engine = openEngine(options.threads);
  const motion: MotionEstimator = await openMotion();
  return {
    parts: { engine, motion, profile, plan },
    backbone: backbone.name,
    backboneSha256: requirements.backboneSha256,
  };
};

type Parts = Awaited<ReturnType<typeof openParts>>['parts'];

const methodOf = (options: MethodOptions, parts: Parts): Method => {
  const reading = { batchFrames: BATCH_FRAMES, readFrames };
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
      const tf = loadTfjs(process.env.PATCHWATCH_TFJS);
      const scorer = new VaeScorer({
        tf,
        seed: options.seed,
        ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
      });
      return rivalMethod({ ...reading, name: 'vae', scorer });
    }
  }
};
