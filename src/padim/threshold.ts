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

/** Scores of which one lies above the quantile on average. */
const scoresNeeded = (quantile: number): number => Math.ceil(1 / (1 - quantile) - 1e-9);

/** Says whether the sample reaches as far out as the quantile asks. */
const supportOf = (quantile: number, scoreCount: number): string => {
  // A quantile nearer to 1 than one frame in the sample is no better than the largest score seen.
  const supported = 1 - 1 / scoreCount;
  if (quantile <= supported) return 'the sample is long enough for the quantile';
  const needed = quantile < 1 ? `${scoresNeeded(quantile)} held-out frames` : 'footage without end';
  return `the sample supports quantiles up to ${supported.toFixed(4)}: ${quantile} needs ${needed}`;
};

const checkScores = (scores: Float64Array): void => {
  if (scores.length < FEWEST_SCORES) {
    throw new PatchwatchError(
      'FOOTAGE_TOO_SHORT',
      `${scores.length} held-out frames are too few for a threshold: at least ${FEWEST_SCORES} are needed, which takes some 100 frames of footage`,
    );
  }
  const index = scores.findIndex((score) => !Number.isFinite(score));
  if (index >= 0) {
    throw new PatchwatchError(
      'NUMBERS_NOT_FINITE',
      `held-out frame ${index} scored ${String(scores[index])}: the ignore polygons cover the whole picture, or the backbone gives no numbers`,
    );
  }
};

/**
 * @param quantile 0..1, of scores of frames that the model did not learn from
 * @throws PatchwatchError FOOTAGE_TOO_SHORT, NUMBERS_NOT_FINITE
 */
export const thresholdFromHeldOut = (scores: Float64Array, quantile: number): Threshold => {
  checkScores(scores);
  const threshold = quantileOf(scores, quantile);
  return {
    threshold,
    calibration: {
      method: 'quantile of held-out scores, two halves crossed',
      quantile,
      scoreCount: scores.length,
      largestScore: scores.reduce((largest, score) => Math.max(largest, score), -Infinity),
      medianScore: quantileOf(scores, 0.5),
      support: supportOf(quantile, scores.length),
    },
  };
};
