// Which channels of which stages make a scene's embedding: drawn at fit time, stored in the model.
import type { EmbeddingPlan } from '../core/ports/engine.ts';
import type { SceneModel } from '../core/ports/model-store.ts';
import { selectChannels, splitByStage } from './channel-selection.ts';
import type { Profile } from './profile.ts';

export interface PlanOptions {
  readonly profile: Profile;
  readonly backbone: string;
  /** Channels of each of the backbone's stages. */
  readonly stageChannels: readonly number[];
  readonly seed: number;
  /** Numbers of the stages in use, from 1; all that the profile uses when undefined. */
  readonly stages?: readonly number[] | undefined;
}

/** Random dimensionality reduction (PaDiM, section 3.3) over the stages that the profile uses. */
export const drawEmbeddingPlan = (options: PlanOptions): EmbeddingPlan => {
  const { profile, stages } = options;
  const stageChannels = options.stageChannels
    .slice(0, profile.stageCount)
    .map((count, stage) => (stages?.includes(stage + 1) === false ? 0 : count));
  const total = stageChannels.reduce((sum, count) => sum + count, 0);
  const count = Math.min(profile.dimensions, total);
  return {
    backbone: options.backbone,
    stageCount: profile.stageCount,
    grid: profile.grid,
    channels: splitByStage(selectChannels(total, count, options.seed), stageChannels),
  };
};

export const embeddingPlanOf = ({ metadata, channels }: SceneModel): EmbeddingPlan => ({
  backbone: metadata.backbone,
  stageCount: metadata.stageCount,
  grid: metadata.grid,
  channels,
});
