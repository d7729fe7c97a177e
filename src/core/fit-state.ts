// What a fit knows beyond its model, so that a later one can go on from there (`fit --extend`).
import type { CovarianceKind } from './ports/engine.ts';
import type { ModelParts } from './model-part.ts';
import type { CueScale } from './scene-gaussians.ts';

/** Everything that streaming statistics of embeddings are made of (padim/embedding-statistics.ts). */
export interface StatisticsState {
  readonly kind: CovarianceKind;
  readonly patchCount: number;
  readonly dimensions: number;
  /** Weight of what was seen; not whole where some of it was forgotten. */
  readonly frameCount: number;
  /** (patch, channel): all sums are about it. */
  readonly shift: Float32Array;
  /** (patch, channel). */
  readonly sum: Float64Array;
  /** Packed lower triangles, one a patch or one for all. */
  readonly product: Float64Array;
}

/** What one half of the footage taught. */
export interface LearnerState {
  readonly frameCount: number;
  /** FRAME_BYTES sums. */
  readonly pixelSums: Float64Array;
  readonly own: StatisticsState | undefined;
  readonly shared: StatisticsState | undefined;
  readonly motion: StatisticsState | undefined;
}

/** Which frames were learnt (fitting/frame-memory.ts). */
export interface FrameMemoryState {
  /** Digests of steps from one frame to the next, whole numbers below 2^48. */
  readonly digests: Float64Array;
  /** Those are remembered that this divides: a sample drawn by what is seen, so that a second look draws the same. */
  readonly every: number;
}

export interface FitState {
  readonly halves: readonly [LearnerState, LearnerState];
  /** One list for each run of consecutive held-out frames, scored when they were seen. */
  readonly heldOut: readonly Float64Array[];
  readonly scales: readonly [CueScale, CueScale] | undefined;
  readonly spanMs: readonly [number, number];
  /** Time between frames that follow each other. */
  readonly steps: { readonly count: number; readonly totalMs: number };
  /** What the learners of a model's parts know. */
  readonly parts: ModelParts;
  /** Stills that were not learnt. */
  readonly leftOut: number;
  /** Undefined: not known, as of a fit before this was kept. */
  readonly seen?: FrameMemoryState | undefined;
}
