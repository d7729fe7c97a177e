// Area under the ROC curve, exact: the share of (anomalous, normal) pairs that the score orders rightly,
// ties counted half (Mann–Whitney). Sorting typed arrays without a comparison function is native.
import { PatchwatchError } from '../../core/errors.ts';

type Scores = Float32Array | Float64Array;

/** Scores of one class, ascending. */
const sortedOf = (scores: Scores, labels: Uint8Array, isAnomalous: boolean): Scores =>
  scores.filter((_, index) => (labels[index] !== 0) === isAnomalous).sort();

/**
 * O(n log n); a few million scores take a second or two and twice their memory.
 *
 * @param scores higher means more anomalous
 * @param labels non-zero = anomalous, one per score
 * @returns null when only one of the two classes occurs
 * @throws PatchwatchError NUMBERS_NOT_FINITE
 */
export const rocAuc = (scores: Scores, labels: Uint8Array): number | null => {
  if (!scores.every(Number.isFinite)) {
    throw new PatchwatchError(
      'NUMBERS_NOT_FINITE',
      'scores to be measured hold NaN or infinity: the model or the backbone is damaged, fit again',
    );
  }
  const positives = sortedOf(scores, labels, true);
  const negatives = sortedOf(scores, labels, false);
  if (positives.length === 0 || negatives.length === 0) return null;
  let below = 0;
  let belowOrEqual = 0;
  // Twice the pairs won, ties once: whole numbers, so that nothing is rounded up to 2^53.
  let doubledWins = 0;
  for (const score of positives) {
    while (below < negatives.length && negatives[below]! < score) below++;
    while (belowOrEqual < negatives.length && negatives[belowOrEqual]! <= score) belowOrEqual++;
    doubledWins += below + belowOrEqual;
  }
  return doubledWins / (2 * positives.length * negatives.length);
};
