// Learns one scene from a stream of normal frames. Two halves of the footage are learnt apart: each scores the
// other's frames, which sets the alert threshold; together they are the model. Memory does not grow with the
// footage.
import { PatchwatchError } from '../core/errors.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import type { SceneModel, SceneModelMetadata } from '../core/ports/model-store.ts';
import type { CueScale, SceneGaussians } from '../core/scene-gaussians.ts';
import { thresholdForBudget, type AlertBudget } from '../padim/alert-budget.ts';
import { CueScales } from '../padim/cue-scales.ts';
import type { FrameRun } from '../padim/frame-run.ts';
import { SceneScorer } from '../padim/scene-scorer.ts';
import { peakOf } from '../pipeline/map-peak.ts';
import { MapSmoother } from '../pipeline/map-smoother.ts';
import type { FrameBatch } from './batch-sink.ts';
import type { FrameSpool } from './frame-spool.ts';
import { HalvedLearner, type HalvedLearnerOptions } from './halved-learner.ts';
import { STRETCH_FRAMES, StretchReservoir, type Half } from './stretches.ts';

/** Fewer frames than this say nothing about what is normal: each half needs a stretch. */
export const MIN_TRAINING_FRAMES = 2 * STRETCH_FRAMES;
/**
 * Stretches kept for the threshold: 11,000 frames, up to 2.2 GB on disk while fitting. At five frames a second that is
 * the 0.6 hours that the default budget of two alerts a day needs (padim/alert-budget.ts).
 */
const KEPT_STRETCHES = 220;

/** Stretches of each half that tell how its cues are scaled. */
const SCALE_STRETCHES = 10;

export interface SceneFitOptions extends HalvedLearnerOptions {
  readonly spool: FrameSpool;
  /** Frames scored at once; bounds the memory. */
  readonly batchFrames: number;
  readonly smoothing: number;
  /** Cells that don't count (pipeline/ignore-mask.ts). */
  readonly isIgnored: Uint8Array | undefined;
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

export class SceneFit {
  readonly #options: SceneFitOptions;
  readonly #learner: HalvedLearner;
  readonly #reservoir: StretchReservoir;
  #slot: number | undefined;
  #heldOut: readonly Float64Array[] = [];
  #firstMs = Infinity;
  #lastMs = -Infinity;
  /** Time between frames that follow each other. */
  #steps = { count: 0, totalMs: 0 };

  constructor(options: SceneFitOptions) {
    this.#options = options;
    this.#learner = new HalvedLearner(options);
    this.#reservoir = new StretchReservoir(KEPT_STRETCHES, options.identity.seed);
  }

  get frameCount(): number {
    return this.#learner.frameCount;
  }

  /** Consecutive frames, in order. */
  async add({ pixels, hasContext, times }: FrameBatch): Promise<void> {
    const before = hasContext ? 1 : 0;
    if (!hasContext) this.#learner.breakStretch();
    for (let first = 0; first < times.length;) {
      const leftOfStretch = STRETCH_FRAMES - this.#learner.place.frameCount;
      const frameCount = Math.min(leftOfStretch, times.length - first);
      const isBare = first === 0 && !hasContext;
      const from = first + before - (isBare ? 0 : 1);
      await this.#addRun({
        pixels: pixels.subarray(from * FRAME_BYTES, (first + before + frameCount) * FRAME_BYTES),
        frameCount,
        context: isBare ? 'none' : 'seen',
      });
      first += frameCount;
    }
    this.#addTimes(times.map((time) => time.mediaTimeMs));
  }

  /** @throws PatchwatchError when the footage is too short, constant or not finite */
  async finish(): Promise<SceneModel> {
    const { identity, profile, plan, spool } = this.#options;
    this.#checkLength();
    const choice = this.#learner.choice();
    const halves = [await this.#scaledHalf(0), await this.#scaledHalf(1)] as const;
    this.#heldOut = [
      ...(await this.#scoreHalf(0, halves[1])),
      ...(await this.#scoreHalf(1, halves[0])),
    ];
    const budget = this.budget(this.#options.alert.budget);
    const { gaussians, meanFrame } = this.#learner.whole();
    const { covariance, dimensions } = gaussians.appearance;
    return {
      metadata: {
        ...identity,
        ...choice,
        formatVersion: 2,
        profile: profile.name,
        grid: profile.grid,
        stageCount: profile.stageCount,
        dimensions,
        covariance,
        fittedAt: new Date().toISOString(),
        trainingSpanMs: [this.#firstMs, this.#lastMs],
        trainingFrameCount: this.frameCount,
        heldOutFrameCount: spool.frameCount,
        threshold: budget.threshold,
        calibration: calibrationOf(budget, this.#options.alert.budget),
      },
      channels: plan.channels,
      gaussians: { ...gaussians, scales: meanScales(halves) },
      meanFrame,
    };
  }

  /** The threshold for so many false alerts a day; known once the fit is finished. */
  budget(alertsPerDay: number): AlertBudget {
    const { alert, identity } = this.#options;
    const stepMs = this.#steps.totalMs / Math.max(1, this.#steps.count);
    return thresholdForBudget(this.#heldOut, {
      alertsPerDay,
      framesPerSecond: 1_000 / stepMs,
      seed: identity.seed,
      timing: {
        sustainFrames: Math.ceil(alert.minDurationMs / stepMs),
        cooldownFrames: Math.ceil(alert.cooldownMs / stepMs),
        hysteresis: alert.hysteresis,
      },
    });
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
      const stepMs = timeMs - this.#lastMs;
      if (stepMs > 0 && stepMs <= this.#options.gapMs) {
        this.#steps.count += 1;
        this.#steps.totalMs += stepMs;
      }
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
  async #scaledHalf(half: Half): Promise<SceneGaussians> {
    const gaussians = this.#learner.half(half);
    if (gaussians.motion === undefined) return gaussians;
    const scorer = new SceneScorer({ ...this.#options, gaussians });
    const scales = new CueScales();
    const slots = this.#slotsOf(half === 0 ? 1 : 0);
    const step = Math.max(1, Math.floor(slots.length / SCALE_STRETCHES));
    for (const slot of slots.filter((_, index) => index % step === 0)) {
      for await (const run of this.#runsOf(slot)) scales.add(await scorer.cueMaps(run));
    }
    return { ...gaussians, scales: scales.finish() };
  }

  /** Scores one half's frames as `run` would, by what the other half learnt: one list a stretch. */
  async #scoreHalf(half: Half, gaussians: SceneGaussians): Promise<readonly Float64Array[]> {
    const { smoothing, isIgnored } = this.#options;
    const scorer = new SceneScorer({ ...this.#options, gaussians });
    const cellCount = scorer.mapSide * scorer.mapSide;
    const smoother = new MapSmoother({ weight: smoothing, cellCount });
    const stretches: Float64Array[] = [];
    for (const slot of this.#slotsOf(half)) {
      smoother.reset();
      const scores: number[] = [];
      for await (const run of this.#runsOf(slot)) {
        const maps = await scorer.score(run);
        for (let index = 0; index < run.frameCount; index++) {
          const map = maps.subarray(index * cellCount, (index + 1) * cellCount);
          scores.push(peakOf(smoother.smooth(map), isIgnored).score);
        }
      }
      stretches.push(Float64Array.from(scores));
    }
    return stretches;
  }

  #slotsOf(half: Half): readonly number[] {
    return [...this.#options.spool.slots.keys()].filter(
      (slot) => this.#options.spool.slots[slot]?.half === half,
    );
  }

  /** A slot's frames in batches, each valid until the next. */
  async *#runsOf(slot: number): AsyncGenerator<FrameRun> {
    const { spool, batchFrames } = this.#options;
    const frames = spool.slots[slot]?.frameCount ?? 0;
    const memory = new Uint8Array((Math.min(batchFrames, frames) + 1) * FRAME_BYTES);
    for (let first = 0; first < frames; first += batchFrames) {
      const before = first === 0 ? 0 : 1;
      const frameCount = Math.min(batchFrames, frames - first);
      const pixels = memory.subarray(0, (frameCount + before) * FRAME_BYTES);
      await spool.read(slot, first - before, pixels);
      yield { pixels, frameCount, context: first === 0 ? 'none' : 'seen' };
    }
  }
}

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

const calibrationOf = (budget: AlertBudget, wanted: number): Record<string, number | string> => ({
  method: 'peaks over threshold, generalised Pareto, of held-out scores, two halves crossed',
  budgetPerDay: wanted,
  predictedPerDay: budget.predictedPerDay,
  predictedLow: budget.predictedInterval[0],
  predictedHigh: budget.predictedInterval[1],
  heldOutHours: budget.hours,
  smallestBudgetPerDay: budget.smallestBudget,
  largestScore: budget.largestScore,
  tailShape: budget.tail.shape,
  tailScale: budget.tail.scale,
  tailPeaks: budget.peakCount,
});
