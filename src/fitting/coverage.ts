// Has a scene been seen enough? And how much is footage worth whose frames resemble each other?
import type { Point } from '../core/place.ts';

/** Of the frames that were learnt: what lies above was unusual even among them. */
const USUAL = 0.99;

export interface Coverage {
  /** Share of frames not learnt from that score no higher than `USUAL` of those that were, at most 1. */
  readonly share: number;
  /** Where the frame that was least like what was learnt stood out. */
  readonly newestAt: Point;
}

export interface NoveltySample {
  /** Scores of frames by the model that learnt them. */
  readonly learnt: Float64Array;
  /** Scores of frames of the same footage by a model that did not. */
  readonly heldOut: Float64Array;
}

/** Mean over the halves; frames that a model knows set the standard for those that it does not. */
export const coverageShare = (samples: readonly NoveltySample[]): number => {
  const shares = samples
    .filter(({ learnt, heldOut }) => learnt.length > 0 && heldOut.length > 0)
    .map(({ learnt, heldOut }) => {
      const sorted = learnt.slice().sort();
      const usual = sorted[Math.ceil(USUAL * (sorted.length - 1))] ?? 0;
      const within = heldOut.reduce((count, score) => count + (score <= usual ? 1 : 0), 0);
      return Math.min(1, within / heldOut.length / USUAL);
    });
  return shares.length === 0 ? 0 : shares.reduce((sum, share) => sum + share, 0) / shares.length;
};

/**
 * How many independent frames would tell as much: N / τ, with the correlation time τ from batch means, that is how
 * much more the means of whole stretches vary than those of independent frames would (Flegal & Jones 2010).
 *
 * @param stretches scores of consecutive frames, one list a stretch
 * @returns at least 1, at most the number of frames
 */
export const effectiveFrames = (stretches: readonly Float64Array[]): number => {
  const all = stretches.flatMap((scores) => [...scores]);
  if (all.length === 0) return 0;
  const mean = average(all);
  const variance = average(all.map((score) => (score - mean) ** 2));
  if (stretches.length < 2 || variance === 0) return 1;
  const ofMeans = stretches.map((scores) => scores.length * (average([...scores]) - mean) ** 2);
  const correlation = average(ofMeans) / variance;
  return Math.min(all.length, Math.max(1, all.length / Math.max(1, correlation)));
};

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
