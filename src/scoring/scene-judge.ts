// Judges a segment by all that its scene's model knows: frame by frame against its Gaussians, and by the model's parts.
import type { Engine } from '../core/ports/engine.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import type { SceneModel } from '../core/ports/model-store.ts';
import { embeddingPlanOf } from '../padim/embedding-plan.ts';
import type { FrameRun } from '../padim/frame-run.ts';
import type { ScratchMemory } from '../padim/maths/scratch-memory.ts';
import { profileNamed } from '../padim/profile.ts';
import { SceneScorer } from '../padim/scene-scorer.ts';
import { fromPart } from '../stay/stay-model.ts';
import { MovementMeter } from '../movement/movement-meter.ts';
import { movementModelOf } from '../movement/movement-model.ts';
import { StayScorer } from '../stay/stay-scorer.ts';
import { ViewMeter } from '../view/view-meter.ts';

export interface SceneJudgeOptions {
  readonly engine: Engine;
  readonly motion: MotionEstimator;
  readonly model: SceneModel;
  /** Shared by scenes that are judged in turn; its own when left out. */
  readonly scratch?: ScratchMemory | undefined;
}

export interface JudgedRun extends FrameRun {
  /** The slow picture that was due, FRAME_BYTES rgb24. */
  readonly slow?: Uint8Array | undefined;
}

/** Valid until the next call. */
export interface Judgement {
  /** (frame, row, column) float32, as of `SceneScorer.score`. */
  readonly maps: Float32Array;
  /** (row, column) float32 in thresholds; undefined without a slow picture, or where the model does not know what stays. */
  readonly stay: Float32Array | undefined;
  readonly view: readonly number[] | undefined;
  readonly movement: readonly number[] | undefined;
}

export class SceneJudge {
  readonly #scorer: SceneScorer;
  readonly #stay: StayScorer | undefined;
  readonly #movement: MovementMeter | undefined;
  readonly #view: ViewMeter | undefined;

  /** @throws RangeError for a part of the model that does not fit it */
  constructor({ engine, motion, model, scratch }: SceneJudgeOptions) {
    const plan = embeddingPlanOf(model);
    const profile = profileNamed(model.metadata.profile);
    const { gaussians, parts, meanFrame: reference } = model;
    this.#scorer = new SceneScorer({
      ...{ engine, motion, profile, plan, gaussians, reference, scratch },
      marksCues: true,
    });
    if (parts.movement !== undefined) {
      this.#movement = new MovementMeter(movementModelOf(parts.movement));
    }
    if (parts.view !== undefined) this.#view = new ViewMeter(parts.view);
    if (parts.stay === undefined) return;
    const patchCount = plan.grid * plan.grid;
    const dimensions = plan.channels.reduce((sum, list) => sum + list.length, 0);
    const stay = fromPart(parts.stay, { patchCount, dimensions });
    this.#stay = new StayScorer({ engine, plan, model: stay, scratch });
  }

  /** Maps are `mapSide` × `mapSide` cells. */
  get mapSide(): number {
    return this.#scorer.mapSide;
  }

  /** Memory of the scene's own. */
  get sizeBytes(): number {
    const parts = [this.#stay, this.#movement, this.#view];
    return parts.reduce((sum, part) => sum + (part?.sizeBytes ?? 0), this.#scorer.sizeBytes);
  }

  async score(run: JudgedRun): Promise<Judgement> {
    const { pixels, frameCount } = run;
    const hasContext = run.context !== 'none';
    const view = this.#view?.measure({ pixels, frameCount, hasContext });
    // Before the frames: their maps may lie in the engine's memory, which is written again by the next call.
    const stay = run.slow === undefined ? undefined : await this.#stay?.score(run.slow);
    const maps = await this.#scorer.score(run);
    const { flow } = this.#scorer;
    const movement = this.#movement?.measure({ pixels, frameCount, hasContext, flow });
    return { maps, stay, view, movement };
  }
}
