// From statistics to a field of Gaussians ready for scoring (PaDiM, section 3.2).
import { PatchwatchError } from '../core/errors.ts';
import type { WhitenedGaussian } from '../core/ports/engine.ts';
import { choleskyInPlace, invertLowerInPlace } from './cholesky.ts';
import type { EmbeddingStatistics } from './embedding-statistics.ts';

/** Below this mean variance of a channel nothing moved in the footage at all. */
const SMALLEST_VARIANCE = 1e-9;

const checkFrames = (statistics: EmbeddingStatistics): void => {
  if (statistics.frameCount >= 2) return;
  throw new PatchwatchError(
    'FOOTAGE_TOO_SHORT',
    `${statistics.frameCount} frame(s) can't show what varies: at least 2 are needed for a covariance, some thousands for a good one`,
  );
};

/**
 * @throws PatchwatchError FOOTAGE_TOO_SHORT below two frames, FOOTAGE_CONSTANT when nothing varies,
 * NUMBERS_NOT_FINITE when embeddings held NaN or infinity
 */
export const gaussianField = (
  statistics: EmbeddingStatistics,
  epsilon: number,
): WhitenedGaussian => {
  checkFrames(statistics);
  const { kind, patchCount, dimensions: d } = statistics;
  const matrices = kind === 'own' ? patchCount : 1;
  const factor = new Float32Array(matrices * d * d);
  const covariance = new Float64Array(d * d);
  let varianceSum = 0;
  for (let patch = 0; patch < matrices; patch++) {
    statistics.covarianceInto(patch, covariance);
    for (let index = 0; index < d * d; index += d + 1) {
      varianceSum += covariance[index]!;
      covariance[index]! += epsilon;
    }
    if (!choleskyInPlace(covariance, d)) throw notFinite(patch);
    invertLowerInPlace(covariance, d);
    transposeInto(covariance, d, factor, patch * d * d);
  }
  if (!Number.isFinite(varianceSum)) throw notFinite(0);
  if (varianceSum / (matrices * d) < SMALLEST_VARIANCE) {
    throw new PatchwatchError(
      'FOOTAGE_CONSTANT',
      `all ${statistics.frameCount} frames are the same: a frozen stream or a still picture; fit on live footage`,
    );
  }
  return { covariance: kind, patchCount, dimensions: d, mean: meanField(statistics), factor };
};

const notFinite = (patch: number): PatchwatchError =>
  new PatchwatchError(
    'NUMBERS_NOT_FINITE',
    `the covariance of patch ${patch} is not positive definite: embeddings held NaN or infinity, or ε is too small`,
  );

const meanField = (statistics: EmbeddingStatistics): Float32Array => {
  const d = statistics.dimensions;
  const field = new Float32Array(statistics.patchCount * d);
  const mean = new Float64Array(d);
  for (let patch = 0; patch < statistics.patchCount; patch++) {
    statistics.meanInto(patch, mean);
    field.set(mean, patch * d);
  }
  return field;
};

/** Upper-triangular L⁻ᵀ, so that |(e − μ) · factor| is the Mahalanobis distance. */
const transposeInto = (
  lower: Float64Array,
  d: number,
  factor: Float32Array,
  offset: number,
): void => {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) factor[offset + j * d + i] = lower[i * d + j]!;
  }
};
