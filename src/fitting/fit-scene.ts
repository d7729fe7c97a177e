// Learns one scene from a stream of normal frames: four fifths teach the Gaussians, one fifth, held out in
// whole stretches, sets the alert threshold. Memory does not grow with the footage.
import { PatchwatchError } from '../core/errors.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import type { EmbeddingPlan, Engine, WhitenedGaussian } from '../core/ports/engine.ts';
import type { SceneModel, SceneModelMetadata } from '../core/ports/model-store.ts';
import { GaussianFitter } from '../padim/gaussian-fitter.ts';
import type { Profile } from '../padim/profile.ts';
import { SceneScorer } from '../padim/scene-scorer.ts';
import { thresholdFromHeldOut } from '../padim/threshold.ts';
import { peakOf } from '../pipeline/map-peak.ts';
import { MapSmoother } from '../pipeline/map-smoother.ts';
import type { FrameBatch } from './batch-sink.ts';
import type { FrameSpool } from './frame-spool.ts';
import { isHeldOut, startsHeldOutStretch } from './hold-out.ts';

/** Fewer frames than this say nothing about what is normal. */
export const MIN_TRAINING_FRAMES = 50;

export interface SceneFitOptions {
  readonly engine: Engine;
  readonly profile: Profile;
  readonly plan: EmbeddingPlan;
  readonly spool: FrameSpool;
  /** Frames a batch; bounds the memory. */
  readonly batchFrames: number;
  readonly smoothing: number;
  readonly quantile: number;
  /** Cells that don't count, or undefined. See pipeline/ignore-mask.ts. */
  readonly isIgnored: Uint8Array | undefined;
  /** Who the model is for and what it was made with. */
  readonly identity: Pick<
    SceneModelMetadata,
    'cameraId' | 'sceneId' | 'backbone' | 'backboneSha256' | 'seed'
  >;
}

export class SceneFit {
  readonly #options: SceneFitOptions;
  readonly #fitter: GaussianFitter;
  readonly #training: Uint8Array;
  readonly #heldOut: Uint8Array;
  #frameCount = 0;
  #firstMs = Infinity;
  #lastMs = -Infinity;

  constructor(options: SceneFitOptions) {
    this.#options = options;
    this.#fitter = new GaussianFitter(options);
    this.#training = new Uint8Array(options.batchFrames * FRAME_BYTES);
    this.#heldOut = new Uint8Array(options.batchFrames * FRAME_BYTES);
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  /** A batch of at most `batchFrames` consecutive frames. */
  async add(batch: FrameBatch): Promise<void> {
    let trainingCount = 0;
    let heldOutCount = 0;
    batch.times.forEach((time, index) => {
      const pixels = batch.pixels.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES);
      if (isHeldOut(this.#frameCount + index)) {
        this.#heldOut.set(pixels, heldOutCount++ * FRAME_BYTES);
      } else {
        this.#training.set(pixels, trainingCount++ * FRAME_BYTES);
      }
      this.#firstMs = Math.min(this.#firstMs, time.mediaTimeMs);
      this.#lastMs = Math.max(this.#lastMs, time.mediaTimeMs);
    });
    this.#frameCount += batch.times.length;
    if (heldOutCount > 0) {
      await this.#options.spool.append(this.#heldOut.subarray(0, heldOutCount * FRAME_BYTES));
    }
    if (trainingCount > 0) await this.#fitter.add(this.#training, trainingCount);
  }

  /** @throws PatchwatchError when the footage is too short, constant or not finite */
  async finish(): Promise<SceneModel> {
    const { identity, profile, plan, spool } = this.#options;
    if (this.#frameCount < MIN_TRAINING_FRAMES) {
      throw new PatchwatchError(
        'FOOTAGE_TOO_SHORT',
        `camera ${identity.cameraId}: ${this.#frameCount} frames are too few to learn a scene: at least ${MIN_TRAINING_FRAMES} are needed, some thousands are better (several minutes that show all that is normal)`,
      );
    }
    const gaussian = this.#fitter.finish();
    const { threshold, calibration } = thresholdFromHeldOut(
      await this.#heldOutScores(gaussian),
      this.#options.quantile,
    );
    return {
      metadata: {
        ...identity,
        formatVersion: 1,
        profile: profile.name,
        grid: profile.grid,
        stageCount: profile.stageCount,
        dimensions: gaussian.dimensions,
        covariance: gaussian.covariance,
        fittedAt: new Date().toISOString(),
        trainingSpanMs: [this.#firstMs, this.#lastMs],
        trainingFrameCount: this.#fitter.frameCount,
        heldOutFrameCount: spool.frameCount,
        threshold,
        calibration,
      },
      channels: plan.channels,
      mean: gaussian.mean,
      factor: gaussian.factor,
      meanFrame: this.#fitter.meanFrame(),
    };
  }

  /** Scores as `run` would give them: smoothed over time within each stretch, ignored cells left out. */
  async #heldOutScores(gaussian: WhitenedGaussian): Promise<Float64Array> {
    const { spool, batchFrames, smoothing, isIgnored } = this.#options;
    const scorer = new SceneScorer({ ...this.#options, gaussian });
    const cellCount = scorer.mapSide * scorer.mapSide;
    const smoother = new MapSmoother({ weight: smoothing, cellCount });
    const scores = new Float64Array(spool.frameCount);
    for (let first = 0; first < scores.length; first += batchFrames) {
      const count = await spool.read(first, this.#heldOut);
      const maps = await scorer.score(this.#heldOut, count);
      for (let index = 0; index < count; index++) {
        const map = maps.subarray(index * cellCount, (index + 1) * cellCount);
        if (startsHeldOutStretch(first + index)) smoother.reset();
        scores[first + index] = peakOf(smoother.smooth(map), isIgnored).score;
      }
    }
    return scores;
  }
}
