// The alert threshold from normal footage alone: a quantile of the scores of held-out normal frames.
import { PatchwatchError } from '../core/errors.ts';

/** Fewer held-out frames say nothing about the upper tail. */
const FEWEST_SCORES = 10;

export interface Threshold {
  readonly threshold: number;
  readonly calibration: Readonly<Record<string, number | string>>;
}

/** Linear interpolation between order statistics (type 7, as NumPy's default). */
export const quantileOf = (values: Float64Array, quantile: number): number => {
  const sorted = values.toSorted();
  const position = quantile * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
};

/** @throws PatchwatchError FOOTAGE_TOO_SHORT */
export const thresholdFromHeldOut = (scores: Float64Array, quantile: number): Threshold => {
  if (scores.length < FEWEST_SCORES) {
    throw new PatchwatchError(
      'FOOTAGE_TOO_SHORT',
      `${scores.length} held-out frames are too few for a threshold: at least ${FEWEST_SCORES} are needed, which takes some 100 frames of footage`,
    );
  }
  const threshold = quantileOf(scores, quantile);
  // A quantile nearer to 1 than one frame in the sample is no better than the largest score seen.
  const supported = 1 - 1 / scores.length;
  return {
    threshold,
    calibration: {
      method: 'held-out quantile',
      quantile,
      scoreCount: scores.length,
      largestScore: scores.reduce((largest, score) => Math.max(largest, score), -Infinity),
      medianScore: quantileOf(scores, 0.5),
      support:
        quantile <= supported
          ? 'the sample is long enough for the quantile'
          : `the sample supports quantiles up to ${supported.toFixed(4)}: longer footage gives a surer threshold`,
    },
  };
};
