// Learns what a scene's cues are like in normal frames, in constant memory. Two learners of the same scene can be
// merged.
import { FRAME_BYTES } from '../core/frame.ts';
import type { LearnerState } from '../core/fit-state.ts';
import type { FootageKind } from '../core/footage-kind.ts';
import type { EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import { CueExtractor } from './cue-extractor.ts';
import type { EmbeddingStatistics } from './embedding-statistics.ts';
import { frameCorrelation, footageKindOf } from './footage-correlation.ts';
import type { FrameRun } from './frame-run.ts';
import { checkVaries, gaussianField } from './gaussian-field.ts';
import { GaussianFitter } from './gaussian-fitter.ts';
import { PixelSums } from './pixel-sums.ts';
import { pooledField } from './pooled-field.ts';
import type { Profile } from './profile.ts';
import type { SceneGaussians } from '../core/scene-gaussians.ts';

/**
 * Of motion, in logarithms of pixels a frame: less than a hundredth of a pixel is noise, whatever the footage. A
 * quarter of the frame is a neighbourhood.
 */
const MOTION_POOLING = { radius: 8, sceneShare: 0.25, epsilon: 1e-4, relativeEpsilon: 1e-3 };

export interface SceneLearnerOptions {
  readonly engine: Engine;
  readonly profile: Profile;
  readonly plan: EmbeddingPlan;
  readonly motion: MotionEstimator;
  /** Undefined: told by the frames themselves, which costs some time. */
  readonly footageKind: FootageKind | undefined;
  /** False where nobody will ask for the mean frame. */
  readonly withMeanFrame?: boolean;
}

export class SceneLearner {
  readonly #options: SceneLearnerOptions;
  readonly #extractor: CueExtractor;
  /** Each learns what some kind of footage needs. */
  readonly #own: GaussianFitter | undefined;
  readonly #shared: GaussianFitter | undefined;
  readonly #motion: GaussianFitter | undefined;
  readonly #pixels = new PixelSums();
  #frameCount = 0;

  constructor(options: SceneLearnerOptions) {
    this.#options = options;
    const { engine, profile, plan, footageKind } = options;
    const mayBeVideo = profile.isForVideo && footageKind !== 'stills';
    const { change, motion } = profile.cues;
    this.#extractor = new CueExtractor({
      engine,
      plan,
      withChange: mayBeVideo && (change || footageKind === undefined),
      motion: mayBeVideo && motion ? options.motion : undefined,
    });
    if (mayBeVideo) this.#shared = new GaussianFitter(engine, 'shared');
    if (mayBeVideo && motion) this.#motion = new GaussianFitter(engine, 'own');
    if (!profile.isForVideo || footageKind !== 'video') {
      this.#own = new GaussianFitter(engine, 'own');
    }
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  async add(run: FrameRun): Promise<void> {
    const { appearance, change, motion } = await this.#extractor.extract(run);
    // Moments of one before the next is asked for: engines reuse their memory.
    await this.#own?.add(appearance);
    await this.#shared?.add(change ?? appearance);
    if (motion !== undefined) await this.#motion?.add(motion);
    this.#frameCount += run.frameCount;
    if (this.#options.withMeanFrame !== false) {
      this.#pixels.add(run.pixels.subarray(run.context === 'none' ? 0 : FRAME_BYTES));
    }
  }

  /** Learns what waits for more frames; before anything is asked for. */
  async flush(): Promise<void> {
    for (const fitter of [this.#own, this.#shared, this.#motion]) await fitter?.flush();
  }

  /** Adds what another learner of the same scene learnt; the other must not be used after. */
  merge(other: SceneLearner): void {
    for (const [mine, theirs] of [
      [this.#own, other.#own],
      [this.#shared, other.#shared],
      [this.#motion, other.#motion],
    ] as const) {
      if (mine !== undefined && theirs !== undefined) mine.merge(theirs);
    }
    this.#pixels.addSums(other.#pixels.sums());
    this.#frameCount += other.#frameCount;
  }

  /** A copy. */
  state(): LearnerState {
    return {
      frameCount: this.#frameCount,
      pixelSums: this.#pixels.sums().slice(),
      own: this.#own?.state(),
      shared: this.#shared?.state(),
      motion: this.#motion?.state(),
    };
  }

  /** Goes on from what a learner with the same options knew. @throws RangeError for damaged numbers */
  restore(state: LearnerState): void {
    for (const [fitter, known] of [
      [this.#own, state.own],
      [this.#shared, state.shared],
      [this.#motion, state.motion],
    ] as const) {
      if (known !== undefined) fitter?.restore(known);
    }
    this.#pixels.addSums(state.pixelSums);
    this.#frameCount = state.frameCount;
  }

  /** As given, or as the frames tell. */
  footageKind(): FootageKind {
    const { footageKind, profile } = this.#options;
    if (footageKind !== undefined) return footageKind;
    if (this.#shared === undefined || !profile.isForVideo) return 'stills';
    return footageKindOf(frameCorrelation(this.#shared.statistics));
  }

  /**
   * @param shrinkage κ of own covariances (shrinkage.ts)
   * @throws PatchwatchError FOOTAGE_TOO_SHORT, FOOTAGE_CONSTANT or NUMBERS_NOT_FINITE
   */
  finish(kind: FootageKind, shrinkage: number): SceneGaussians {
    const { profile } = this.#options;
    const { epsilon } = profile;
    const isVideo = profile.isForVideo && kind === 'video';
    const statistics = isVideo ? this.#sharedStatistics() : this.#own?.statistics;
    if (statistics === undefined) throw new RangeError(`nothing was learnt for ${kind}`);
    const appearance = gaussianField(statistics, {
      epsilon,
      shrinkage: profile.isForVideo ? shrinkage : 0,
    });
    checkVaries(statistics);
    return {
      appearance,
      hasChange: isVideo && profile.cues.change,
      motion:
        isVideo && this.#motion !== undefined
          ? pooledField(this.#motion.statistics, MOTION_POOLING)
          : undefined,
      scales: undefined,
    };
  }

  /** The mean training frame, rgb24. */
  meanFrame(): Uint8Array {
    return Uint8Array.from(this.#pixels.sums(), (sum) => Math.round(sum / this.#frameCount));
  }

  /** Without the change channels where change only told what the footage is. */
  #sharedStatistics(): EmbeddingStatistics | undefined {
    const { footageKind, profile } = this.#options;
    const statistics = this.#shared?.statistics;
    return footageKind !== undefined || profile.cues.change
      ? statistics
      : statistics?.leadingChannels(statistics.dimensions / 2);
  }
}
