// Learns one scene from a stream of normal frames. Two halves of the footage are learnt apart: each scores the
// other's frames, which sets the alert threshold; together they are the model. Memory does not grow with the
// footage.
import { PatchwatchError } from '../core/errors.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import type { EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import type { SceneModel, SceneModelMetadata } from '../core/ports/model-store.ts';
import { GaussianFitter } from '../padim/gaussian-fitter.ts';
import type { Profile } from '../padim/profile.ts';
import { SceneScorer } from '../padim/scene-scorer.ts';
import { thresholdFromHeldOut } from '../padim/threshold.ts';
import { peakOf } from '../pipeline/map-peak.ts';
import { MapSmoother } from '../pipeline/map-smoother.ts';
import type { FrameBatch } from './batch-sink.ts';
import type { FrameSpool } from './frame-spool.ts';
import { STRETCH_FRAMES, StretchReservoir, halfOf, stretchOf, type Half } from './stretches.ts';

/** Fewer frames than this say nothing about what is normal: each half needs a stretch. */
export const MIN_TRAINING_FRAMES = 2 * STRETCH_FRAMES;
/** Stretches kept for the threshold: 4,000 frames, 0.8 GB on disk while fitting. */
const KEPT_STRETCHES = 80;

export interface SceneFitOptions {
  readonly engine: Engine;
  readonly profile: Profile;
  readonly plan: EmbeddingPlan;
  readonly spool: FrameSpool;
  /** Frames scored at once; bounds the memory. */
  readonly batchFrames: number;
  readonly smoothing: number;
  readonly quantile: number;
  /** Cells that don't count (pipeline/ignore-mask.ts). */
  readonly isIgnored: Uint8Array | undefined;
  /** Who the model is for and what it was made with. */
  readonly identity: Pick<
    SceneModelMetadata,
    'cameraId' | 'sceneId' | 'backbone' | 'backboneSha256' | 'seed'
  >;
}

export class SceneFit {
  readonly #options: SceneFitOptions;
  readonly #halves: readonly [GaussianFitter, GaussianFitter];
  readonly #reservoir: StretchReservoir;
  #frameCount = 0;
  #slot: number | undefined;
  #firstMs = Infinity;
  #lastMs = -Infinity;

  constructor(options: SceneFitOptions) {
    this.#options = options;
    this.#halves = [new GaussianFitter(options), new GaussianFitter(options)];
    this.#reservoir = new StretchReservoir(KEPT_STRETCHES, options.identity.seed);
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  /** Consecutive frames, in order. */
  async add({ pixels, times }: FrameBatch): Promise<void> {
    for (let first = 0; first < times.length;) {
      const leftOfStretch = STRETCH_FRAMES - (this.#frameCount % STRETCH_FRAMES);
      const count = Math.min(leftOfStretch, times.length - first);
      await this.#addRun(
        pixels.subarray(first * FRAME_BYTES, (first + count) * FRAME_BYTES),
        count,
      );
      first += count;
    }
    this.#firstMs = Math.min(this.#firstMs, times[0]?.mediaTimeMs ?? Infinity);
    this.#lastMs = Math.max(this.#lastMs, times.at(-1)?.mediaTimeMs ?? -Infinity);
  }

  /** @throws PatchwatchError when the footage is too short, constant or not finite */
  async finish(): Promise<SceneModel> {
    const { identity, profile, plan, spool, quantile } = this.#options;
    this.#checkLength();
    const scores = new Float64Array(spool.frameCount);
    const firstOfOdd = await this.#scoreHalf(0, scores, 0);
    await this.#scoreHalf(1, scores, firstOfOdd);
    const { threshold, calibration } = thresholdFromHeldOut(scores, quantile);
    const [whole, other] = this.#halves;
    whole.merge(other);
    const gaussian = whole.finish();
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
        trainingFrameCount: this.#frameCount,
        heldOutFrameCount: scores.length,
        threshold,
        calibration,
      },
      channels: plan.channels,
      mean: gaussian.mean,
      factor: gaussian.factor,
      meanFrame: whole.meanFrame(),
    };
  }

  /** Frames of one stretch. */
  async #addRun(pixels: Uint8Array, count: number): Promise<void> {
    const stretch = stretchOf(this.#frameCount);
    const half = halfOf(stretch);
    const { spool } = this.#options;
    if (this.#frameCount % STRETCH_FRAMES === 0) {
      this.#slot = this.#reservoir.slotFor(stretch);
      if (this.#slot !== undefined) spool.begin(this.#slot, half);
    }
    if (this.#slot !== undefined) await spool.append(this.#slot, pixels);
    await this.#halves[half].add(pixels, count);
    this.#frameCount += count;
  }

  #checkLength(): void {
    if (this.#frameCount >= MIN_TRAINING_FRAMES) return;
    throw new PatchwatchError(
      'FOOTAGE_TOO_SHORT',
      `camera ${this.#options.identity.cameraId}: ${this.#frameCount} frames are too few to learn a scene: at least ${MIN_TRAINING_FRAMES} are needed, some thousands are better (several minutes that show all that is normal)`,
    );
  }

  /** Scores one half's frames as `run` would, by the other half's model. Returns the next place in `scores`. */
  async #scoreHalf(half: Half, scores: Float64Array, from: number): Promise<number> {
    const { spool, batchFrames, smoothing, isIgnored } = this.#options;
    const gaussian = this.#halves[half === 0 ? 1 : 0].finish();
    const scorer = new SceneScorer({ ...this.#options, gaussian });
    const cellCount = scorer.mapSide * scorer.mapSide;
    const smoother = new MapSmoother({ weight: smoothing, cellCount });
    const memory = new Uint8Array(batchFrames * FRAME_BYTES);
    let next = from;
    for (const [slot, { half: slotHalf, frameCount }] of spool.slots.entries()) {
      if (slotHalf !== half) continue;
      smoother.reset();
      for (let first = 0; first < frameCount; first += batchFrames) {
        const count = Math.min(batchFrames, frameCount - first);
        const pixels = memory.subarray(0, count * FRAME_BYTES);
        await spool.read(slot, first, pixels);
        const maps = await scorer.score(pixels, count);
        for (let index = 0; index < count; index++) {
          const map = maps.subarray(index * cellCount, (index + 1) * cellCount);
          scores[next++] = peakOf(smoother.smooth(map), isIgnored).score;
        }
      }
    }
    return next;
  }
}
