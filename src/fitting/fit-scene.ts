// Learns one scene from a stream of normal frames. Two halves of the footage are learnt apart: each scores the
// other's frames, which sets the alert threshold; together they are the model. Memory does not grow with the
// footage.
import { PatchwatchError } from '../core/errors.ts';
import type { FitState } from '../core/fit-state.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import type { SceneModel, SceneModelMetadata } from '../core/ports/model-store.ts';
import type { PartLearner } from '../core/ports/part-learner.ts';
import type { CueScale, SceneGaussians } from '../core/scene-gaussians.ts';
import { thresholdForBudget, type AlertBudget } from '../padim/alert-budget.ts';
import type { FrameRun } from '../padim/frame-run.ts';
import type { FrameBatch } from './batch-sink.ts';
import { effectiveFrames } from './coverage.ts';
import { CrossScorer, type CrossScorerOptions } from './cross-scorer.ts';
import { HalvedLearner, type HalvedLearnerOptions } from './halved-learner.ts';
import { anomalyShare, calibrationOf } from './calibration-facts.ts';
import { PartLearning } from './part-learning.ts';
import { StillFilter } from './still-filter.ts';
import { STRETCH_FRAMES, StretchReservoir, type Half } from './stretches.ts';

/** Fewer frames than this say nothing about what is normal: each half needs a stretch. */
export const MIN_TRAINING_FRAMES = 2 * STRETCH_FRAMES;
/**
 * Stretches kept for the threshold: 11,000 frames, up to 2.2 GB on disk while fitting. At five frames a second that is
 * the 0.6 hours that the default budget of two alerts a day needs (padim/alert-budget.ts).
 */
const KEPT_STRETCHES = 220;

export interface SceneFitOptions
  extends HalvedLearnerOptions, Omit<CrossScorerOptions, 'reference'> {
  /** Of what the model knows beside its Gaussians. */
  readonly partLearners?: readonly PartLearner[];
  /** What an earlier fit learnt, to go on from. */
  readonly earlier?: FitState | undefined;
  readonly alert: {
    /** False alerts a day that are acceptable. */
    readonly budget: number;
    readonly minDurationMs: number;
    readonly cooldownMs: number;
    readonly hysteresis: number;
  };
  /** Frames further apart than this do not follow each other. */
  readonly gapMs: number;
  /** Who the model is for and what it was made with. */
  readonly identity: Pick<
    SceneModelMetadata,
    'cameraId' | 'sceneId' | 'backbone' | 'backboneSha256' | 'seed'
  >;
}

/** Scores of held-out stretches that are kept, the newest: as many as two fits hold out. */
const KEPT_SCORES = 2 * KEPT_STRETCHES;

/** Frames that are learnt whatever they show: a short clip of an empty room is footage too. */
const ALWAYS_LEARNT = 500;

export class SceneFit {
  readonly #options: SceneFitOptions;
  readonly #learner: HalvedLearner;
  readonly #parts: PartLearning;
  readonly #reservoir: StretchReservoir;
  #slot: number | undefined;
  #heldOut: readonly Float64Array[] = [];
  #state: FitState | undefined;
  readonly #stills = new StillFilter();
  #isAfterKept = false;
  #firstMs = Infinity;
  #lastMs = -Infinity;
  #lastTimeMs = -Infinity;
  #steps = { count: 0, totalMs: 0 };

  constructor(options: SceneFitOptions) {
    this.#options = options;
    this.#learner = new HalvedLearner(options);
    this.#parts = new PartLearning(options.partLearners ?? [], options.earlier?.parts);
    this.#reservoir = new StretchReservoir(KEPT_STRETCHES, options.identity.seed);
    const { earlier } = options;
    if (earlier === undefined) return;
    this.#learner.restore(earlier.halves);
    [this.#firstMs, this.#lastMs] = earlier.spanMs;
    this.#steps = { ...earlier.steps };
  }

  /** Frames learnt, those of an earlier fit included. */
  get frameCount(): number {
    return Math.round(this.#learner.frameCount);
  }

  /** To go on from another time; known once the fit is finished. */
  get state(): FitState {
    if (this.#state === undefined) throw new RangeError('the fit is not finished');
    return this.#state;
  }

  /** Consecutive frames, in order. */
  async add(batch: FrameBatch): Promise<void> {
    const { pixels, hasContext, times } = batch;
    const before = hasContext ? 1 : 0;
    await this.#parts.add(batch);
    if (!hasContext) this.#learner.breakStretch();
    const isKept = this.#judge(batch);
    for (let first = 0; first < times.length;) {
      const room = Math.min(STRETCH_FRAMES - this.#learner.place.frameCount, times.length - first);
      const frameCount = runLength(isKept, first, room);
      const isBare = first === 0 && !hasContext;
      if (frameCount > 0) {
        const from = first + before - (isBare ? 0 : 1);
        await this.#addRun({
          pixels: pixels.subarray(from * FRAME_BYTES, (first + before + frameCount) * FRAME_BYTES),
          frameCount,
          context: isBare ? 'none' : this.#isAfterKept ? 'seen' : 'given',
        });
      }
      this.#isAfterKept = frameCount > 0;
      first += Math.max(1, frameCount);
    }
    this.#addTimes(times.map((time) => time.mediaTimeMs));
  }

  /** Which frames of a batch are learnt. */
  #judge({ pixels, hasContext, times }: FrameBatch): readonly boolean[] {
    const all = this.#learner.frameCount < ALWAYS_LEARNT;
    return times.map((_, index) => {
      const at = (index + (hasContext ? 1 : 0)) * FRAME_BYTES;
      return all || this.#stills.accepts(pixels.subarray(at, at + FRAME_BYTES));
    });
  }

  /** @throws PatchwatchError when the footage is too short, constant or not finite */
  async finish(): Promise<SceneModel> {
    const { identity, profile, plan } = this.#options;
    this.#checkLength();
    await this.#learner.flush();
    const choice = this.#learner.choice();
    const reference = this.#learner.meanFrame();
    const cross = new CrossScorer({ ...this.#options, reference });
    const halves = [await this.#scaledHalf(0, cross), await this.#scaledHalf(1, cross)] as const;
    const { stretches, coverage } = await cross.score(halves);
    this.#heldOut = [...(this.#options.earlier?.heldOut ?? []), ...stretches].slice(-KEPT_SCORES);
    const scales = meanScales(halves);
    this.#state = this.#stateWith(scales);
    const parts = await this.#parts.finish();
    const budget = this.budget(this.#options.alert.budget * anomalyShare(parts));
    const { gaussians, meanFrame } = this.#learner.whole();
    const { covariance, dimensions } = gaussians.appearance;
    return {
      metadata: {
        ...identity,
        ...choice,
        formatVersion: 3,
        profile: profile.name,
        grid: profile.grid,
        stageCount: profile.stageCount,
        dimensions,
        covariance,
        fittedAt: new Date().toISOString(),
        trainingSpanMs: [this.#firstMs, this.#lastMs],
        trainingFrameCount: this.frameCount,
        heldOutFrameCount: this.#heldOut.reduce((sum, scores) => sum + scores.length, 0),
        threshold: budget.threshold,
        calibration: {
          ...calibrationOf(budget, this.#options.alert.budget, parts),
          stillsLeftOut: this.#leftOut,
          effectiveFrames: effectiveFrames(this.#heldOut),
          coverage: coverage.share,
          newestX: coverage.newestAt.x,
          newestY: coverage.newestAt.y,
        },
      },
      channels: plan.channels,
      gaussians: { ...gaussians, scales },
      parts,
      meanFrame,
    };
  }

  /** The threshold for so many false alerts a day; known once the fit is finished. */
  budget(alertsPerDay: number): AlertBudget {
    const { alert, identity } = this.#options;
    const stepMs = this.#steps.totalMs / Math.max(1, this.#steps.count);
    // A frame that was learnt stands for the stills that were not.
    const learntShare = this.frameCount / (this.frameCount + this.#leftOut);
    return thresholdForBudget(this.#heldOut, {
      alertsPerDay,
      framesPerSecond: (1_000 / stepMs) * learntShare,
      seed: identity.seed,
      timing: {
        sustainFrames: Math.ceil(alert.minDurationMs / stepMs),
        cooldownFrames: Math.ceil(alert.cooldownMs / stepMs),
        hysteresis: alert.hysteresis,
      },
    });
  }

  /** Stills of this footage and the earlier that were not learnt. */
  get #leftOut(): number {
    return this.#stills.leftOut + (this.#options.earlier?.leftOut ?? 0);
  }

  #stateWith(scales: FitState['scales']): FitState {
    return {
      halves: this.#learner.state(),
      heldOut: this.#heldOut,
      parts: this.#parts.state(),
      scales,
      spanMs: [this.#firstMs, this.#lastMs],
      steps: { ...this.#steps },
      leftOut: this.#leftOut,
    };
  }

  /** Frames of one stretch. */
  async #addRun(run: FrameRun): Promise<void> {
    const { spool } = this.#options;
    const { stretch, half, frameCount } = this.#learner.place;
    if (frameCount === 0) {
      this.#slot = this.#reservoir.slotFor(stretch);
      if (this.#slot !== undefined) spool.begin(this.#slot, half);
    }
    if (this.#slot !== undefined) {
      const frames = run.pixels.subarray(run.context === 'none' ? 0 : FRAME_BYTES);
      await spool.append(this.#slot, frames);
    }
    await this.#learner.add(run);
  }

  #addTimes(timesMs: readonly number[]): void {
    for (const timeMs of timesMs) {
      const stepMs = timeMs - this.#lastTimeMs;
      if (stepMs > 0 && stepMs <= this.#options.gapMs) {
        this.#steps.count += 1;
        this.#steps.totalMs += stepMs;
      }
      this.#lastTimeMs = timeMs;
      this.#firstMs = Math.min(this.#firstMs, timeMs);
      this.#lastMs = Math.max(this.#lastMs, timeMs);
    }
  }

  #checkLength(): void {
    if (this.frameCount >= MIN_TRAINING_FRAMES) return;
    throw new PatchwatchError(
      'FOOTAGE_TOO_SHORT',
      `camera ${this.#options.identity.cameraId}: ${this.frameCount} frames are too few to learn a scene: at least ${MIN_TRAINING_FRAMES} are needed, some thousands are better (several minutes that show all that is normal)`,
    );
  }

  /** What one half learnt, its cues scaled by how the other half's frames score. */
  async #scaledHalf(half: Half, cross: CrossScorer): Promise<SceneGaussians> {
    const gaussians = this.#learner.half(half);
    const scales = await cross.scales(half, gaussians, this.#options.earlier?.scales);
    return { ...gaussians, scales };
  }
}

/** Frames in a row that are kept, from `first` on, at most `most`. */
const runLength = (isKept: readonly boolean[], first: number, most: number): number => {
  let count = 0;
  while (count < most && isKept[first + count] === true) count += 1;
  return count;
};

/** The halves' cues are scaled nearly alike; what both learnt together lies between. */
const meanScales = ([a, b]: readonly [
  SceneGaussians,
  SceneGaussians,
]): SceneGaussians['scales'] => {
  if (a.scales === undefined || b.scales === undefined) return undefined;
  return [between(a.scales[0], b.scales[0]), between(a.scales[1], b.scales[1])];
};

const between = (a: CueScale, b: CueScale): CueScale => ({
  mean: (a.mean + b.mean) / 2,
  deviation: (a.deviation + b.deviation) / 2,
});
