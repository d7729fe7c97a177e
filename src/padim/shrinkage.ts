// Shrinkage of each position's covariance towards the scene's: a position that saw few independent frames borrows
// from all others.
import type { EmbeddingStatistics } from './embedding-statistics.ts';

/** Lower triangle of the mean over positions of own covariances. */
export const meanCovariance = (statistics: EmbeddingStatistics): Float64Array => {
  const { patchCount, dimensions: d } = statistics;
  const mean = new Float64Array(d * d);
  const own = new Float64Array(d * d);
  for (let patch = 0; patch < patchCount; patch++) {
    statistics.covarianceInto(patch, own);
    for (let index = 0; index < own.length; index++) mean[index]! += own[index]! / patchCount;
  }
  return mean;
};

/** covariance ← (n · covariance + κ · prior) / (n + κ), of n frames. */
export const shrinkTowards = (
  prior: Float64Array,
  covariance: Float64Array,
  kappa: number,
  frameCount: number,
): void => {
  const weight = kappa / (frameCount + kappa);
  for (let index = 0; index < covariance.length; index++) {
    covariance[index]! += weight * (prior[index]! - covariance[index]!);
  }
};
