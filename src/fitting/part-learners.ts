// The learners of all that a model of video knows beside its Gaussians.
import type { EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import { frameGapMs } from '../core/frame-gap.ts';
import type { PartLearner } from '../core/ports/part-learner.ts';
import type { MedianOfSeven } from '../motion/median-kernel.ts';
import { MovementLearner } from '../movement/movement-learner.ts';
import type { SharedFlow } from '../movement/shared-flow.ts';
import type { Profile } from '../padim/profile.ts';
import { StayLearner } from '../stay/stay-learner.ts';
import { DiskSpool } from '../stay/slow-spool.ts';
import { ViewLearner } from '../view/view-learner.ts';

export interface PartLearnersOptions {
  readonly engine: Engine;
  readonly profile: Profile;
  readonly plan: EmbeddingPlan;
  readonly fps: number;
  /** False where what stays is not judged. */
  readonly stay: boolean;
  readonly median: MedianOfSeven;
  /** What the fit's motion is estimated by. */
  readonly flow: SharedFlow;
  /** For what is too much for memory. */
  readonly folder: string;
  /** False alerts a day that are acceptable, of all cues. */
  readonly budgetPerDay: number;
  readonly seed: number;
}

/** Release each when the fit has ended. */
export const partLearners = (options: PartLearnersOptions): readonly PartLearner[] => {
  const { profile, stay, folder, budgetPerDay, flow, fps } = options;
  if (!profile.isForVideo) return [];
  const movement = new MovementLearner({
    flow: profile.cues.motion ? flow : undefined,
    gapMs: frameGapMs(fps),
  });
  const view = new ViewLearner();
  if (!stay) return [view, movement];
  const changesPerDay = budgetPerDay * CHANGES_SHARE;
  const spool = new DiskSpool(folder);
  return [view, movement, new StayLearner({ ...options, spool, changesPerDay })];
};

/** Of the budget; the rest is that of anomalies. */
export const CHANGES_SHARE = 0.5;
