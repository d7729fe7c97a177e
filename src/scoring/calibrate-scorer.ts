// Measures the engine of the scoring process on made-up frames, with the backbone that the cameras use.
import { FRAME_BYTES } from '../core/frame.ts';
import type { Engine } from '../core/ports/engine.ts';
import { readBackbone, type Backbone } from '../engine/backbone-catalogue.ts';
import { drawEmbeddingPlan } from '../padim/embedding-plan.ts';
import { profileNamed } from '../padim/profile.ts';
import { chooseBatches, timeBatches, type Calibration } from './batch-calibration.ts';
import { backboneFolders } from '../engine/backbone-folders.ts';
import type { ModelSetting } from './model-requirements.ts';
import type { ScorerSettings } from './scorer-settings.ts';

/** The first frames of the cameras wait for this long, at most by one batch more. */
const BUDGET_MS = 300;

export const calibrateScorer = async (
  engine: Engine,
  { batchFrames, cameras }: ScorerSettings,
): Promise<Calibration> => {
  if (batchFrames !== 'auto') return { frames: batchFrames, waitMs: 0, framesPerSecond: undefined };
  const first = await firstUsable(Object.values(cameras));
  if (first === undefined) return chooseBatches([]);
  const { name: backbone, stageChannels } = first.backbone;
  const profile = profileNamed(first.profile);
  const plan = drawEmbeddingPlan({ profile, backbone, stageChannels, seed: 0 });
  const frame = Uint8Array.from({ length: FRAME_BYTES }, (_, at) => (at * 97) % 251);
  const timings = await timeBatches(
    async (frames) => {
      await engine.embed(plan, Buffer.alloc(frames * FRAME_BYTES, frame), frames);
    },
    { budgetMs: BUDGET_MS, nowMs: () => performance.now() },
  );
  return chooseBatches(timings);
};

/** One camera's backbone may be missing. */
const firstUsable = async (
  settings: readonly ModelSetting[],
): Promise<{ readonly profile: string; readonly backbone: Backbone } | undefined> => {
  for (const { profile, backbone: name } of settings) {
    const backbone = await readBackbone(backboneFolders(), name).catch(() => undefined);
    if (backbone !== undefined) return { profile, backbone };
  }
  return undefined;
};
