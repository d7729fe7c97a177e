// A learnt scene ready for scoring: one Gaussian per cue, and how far apart each cue's distances lie in normal
// footage, so that cues can be added up.
import type { WhitenedGaussian } from './ports/engine.ts';

/** Mean and standard deviation of a cue's smoothed distances over all cells of normal frames. */
export interface CueScale {
  readonly mean: number;
  readonly deviation: number;
}

export interface SceneGaussians {
  /** Of the embedding, or of the embedding and its change. */
  readonly appearance: WhitenedGaussian;
  readonly hasChange: boolean;
  readonly motion: WhitenedGaussian | undefined;
  /** Of appearance and motion; undefined as long as they are not known, and where there is one cue. */
  readonly scales: readonly [CueScale, CueScale] | undefined;
}
