// How frames are put together for scoring.

export interface BatchPolicy {
  /** Frames scored in one go, at most. */
  readonly frames: number;
  /** How long it pays to wait for a batch to fill while the scorer is busy with another. */
  readonly waitMs: number;
}

/** Where nothing is known of the engine, or batches gain it nothing: enough that messages cost nothing either. */
export const UNMEASURED_POLICY: BatchPolicy = { frames: 16, waitMs: 0 };
