// From statistics to a field of Gaussians ready for scoring (PaDiM, section 3.2).
import { PatchwatchError } from '../core/errors.ts';
import type { WhitenedGaussian } from '../core/ports/engine.ts';
import { choleskyInPlace, invertLowerInPlace } from './maths/cholesky.ts';
import type { EmbeddingStatistics } from './embedding-statistics.ts';
import { meanCovariance, shrinkTowards } from './shrinkage.ts';

/** A covariance with 1/(N − 1) exists from two frames on. */
const FEWEST_FRAMES = 2;

/** Below this mean variance of a channel nothing moved in the footage at all. */
const SMALLEST_VARIANCE = 1e-9;

export interface FieldOptions {
  /** Added to each variance (PaDiM, eq. 1). */
  readonly epsilon: number;
  /** Added too, as a fraction of each variance. */
  readonly relativeEpsilon?: number;
  /**
   * Own covariances are drawn towards their mean over all positions, as if that had been seen in this many frames:
   * (n Σp + κ Σ) / (n + κ). 0: not at all.
   */
  readonly shrinkage?: number;
}

/**
 * Whitens every position: Σ + εI = L Lᵀ (PaDiM, eq. 1), factor = L⁻ᵀ.
 *
 * One covariance is in memory at a time beside the statistics and the result.
 *
 * @throws PatchwatchError FOOTAGE_TOO_SHORT below two frames,
 * NUMBERS_NOT_FINITE when embeddings held NaN or infinity, or a covariance can't be inverted
 */
export const gaussianField = (
  statistics: EmbeddingStatistics,
  { epsilon, relativeEpsilon = 0, shrinkage = 0 }: FieldOptions,
): WhitenedGaussian => {
  checkStatistics(statistics);
  const prior = shrinkage > 0 ? meanCovariance(statistics) : undefined;
  const { kind, patchCount, dimensions: d } = statistics;
  const matrices = kind === 'own' ? patchCount : 1;
  const factor = new Float32Array(matrices * d * d);
  const covariance = new Float64Array(d * d);
  for (let patch = 0; patch < matrices; patch++) {
    statistics.covarianceInto(patch, covariance);
    if (prior !== undefined) shrinkTowards(prior, covariance, shrinkage, statistics.frameCount);
    for (let index = 0; index < d * d; index += d + 1) {
      covariance[index]! += epsilon + relativeEpsilon * covariance[index]!;
    }
    const failedRow = choleskyInPlace(covariance, d);
    if (failedRow !== undefined) throw notInvertible(statistics, patch, failedRow);
    invertLowerInPlace(covariance, d);
    transposeInto(covariance, d, factor, patch * d * d);
  }
  return { covariance: kind, patchCount, dimensions: d, mean: meanField(statistics), factor };
};

const checkStatistics = (statistics: EmbeddingStatistics): void => {
  const { frameCount } = statistics;
  if (frameCount < FEWEST_FRAMES) {
    throw new PatchwatchError(
      'FOOTAGE_TOO_SHORT',
      `${frameCount} frame(s) can't show what varies: at least ${FEWEST_FRAMES} are needed for a covariance, some thousands for a good one`,
    );
  }
  const place = statistics.firstNotFinite();
  if (place !== undefined) {
    throw new PatchwatchError(
      'NUMBERS_NOT_FINITE',
      `embeddings held NaN or infinity, first at ${patchName(statistics, place.patch)}, channel ${place.channel}: install the backbone again`,
      { details: { ...place } },
    );
  }
};

/** @throws PatchwatchError FOOTAGE_CONSTANT when nothing varies */
export const checkVaries = (statistics: EmbeddingStatistics): void => {
  if (statistics.meanVariance() >= SMALLEST_VARIANCE) return;
  throw new PatchwatchError(
    'FOOTAGE_CONSTANT',
    `all ${statistics.frameCount} frames are the same: a frozen stream or a still picture; fit on live footage`,
  );
};

export const notInvertible = (
  statistics: EmbeddingStatistics,
  patch: number,
  channel: number,
): PatchwatchError => {
  const where =
    statistics.kind === 'own'
      ? `the covariance of ${patchName(statistics, patch)}`
      : 'the covariance';
  return new PatchwatchError(
    'NUMBERS_NOT_FINITE',
    `${where} is not positive definite at channel ${channel}: ε is too small for these embeddings, or they are too large`,
    { details: { patch, channel } },
  );
};

const patchName = ({ patchCount }: EmbeddingStatistics, patch: number): string => {
  const grid = Math.round(Math.sqrt(patchCount));
  return `patch ${patch} (row ${Math.floor(patch / grid)}, column ${patch % grid} of the ${grid}×${grid} grid)`;
};

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

/** Upper-triangular L⁻ᵀ, so that |(e − μ) · factor| is the Mahalanobis distance (PaDiM, eq. 2). */
export const transposeInto = (
  lower: Float64Array,
  d: number,
  factor: Float32Array,
  offset: number,
): void => {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) factor[offset + j * d + i] = lower[i * d + j]!;
  }
};
