// Tells consecutive frames of a live scene from pictures taken apart from each other, by what was learnt anyway:
// where frames follow each other, what is unusual in one is still there in the next.
import type { FootageKind } from '../core/footage-kind.ts';
import type { EmbeddingStatistics } from './embedding-statistics.ts';

/** Between what live scenes and separate pictures show (docs/design/adr/0007-footage-decides-the-model.md). */
const SMALLEST_OF_VIDEO = 0.35;

/**
 * Correlation of embeddings from one frame to the next, about each position's mean, averaged by variance; from the
 * identity E|e(t) − e(t−1)|² = 2 (1 − ρ) σ² (the ratio of von Neumann 1941).
 *
 * @param statistics of appearance channels followed by as many change channels
 */
export const frameCorrelation = (statistics: EmbeddingStatistics): number => {
  const variances = statistics.channelVariances();
  const half = variances.length / 2;
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  return 1 - sum(variances.subarray(half)) / (2 * sum(variances.subarray(0, half)));
};

export const footageKindOf = (correlation: number): FootageKind =>
  correlation >= SMALLEST_OF_VIDEO ? 'video' : 'stills';
