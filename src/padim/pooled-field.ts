// A field of Gaussians for what few frames show at each position: every position borrows from its neighbourhood, and
// from the whole scene. So that something moving where nothing ever moves stands out, and yet a path that was walked
// a few times is known along its length (docs/design/adr/0008-motion-knows-its-place.md).
import type { WhitenedGaussian } from '../core/ports/engine.ts';
import { choleskyInPlace, invertLowerInPlace } from './maths/cholesky.ts';
import type { EmbeddingStatistics } from './embedding-statistics.ts';
import { notInvertible, transposeInto } from './gaussian-field.ts';
import { gaussianMatrix } from './maths/map-operator.ts';

export interface PoolingOptions {
  /** σ of the neighbourhood, in cells. */
  readonly radius: number;
  /** How much the scene as a whole counts beside the neighbourhood, 0..1. */
  readonly sceneShare: number;
  /** Added to each variance, and as a fraction of the scene's variance of the channel. */
  readonly epsilon: number;
  readonly relativeEpsilon: number;
}

/** First and second raw moments, (moment, position): d means, then d × d products. */
const momentsOf = (statistics: EmbeddingStatistics): Float64Array[] => {
  const { patchCount, dimensions: d, frameCount } = statistics;
  const moments = Array.from({ length: d + d * d }, () => new Float64Array(patchCount));
  const mean = new Float64Array(d);
  const covariance = new Float64Array(d * d);
  for (let patch = 0; patch < patchCount; patch++) {
    statistics.meanInto(patch, mean);
    statistics.covarianceInto(patch, covariance);
    for (let i = 0; i < d; i++) {
      moments[i]![patch] = mean[i]!;
      for (let j = 0; j <= i; j++) {
        const central = (covariance[i * d + j]! * (frameCount - 1)) / frameCount;
        moments[d + i * d + j]![patch] = central + mean[i]! * mean[j]!;
      }
    }
  }
  return moments;
};

/** Filters a (row, column) field along both. */
const filtered = (field: Float64Array, filter: Float64Array, side: number): Float64Array => {
  const along = (from: Float64Array): Float64Array =>
    Float64Array.from(from, (_, index) => {
      const row = Math.floor(index / side);
      const column = index % side;
      let sum = 0;
      // Reads a row and writes a column: twice is both ways round, and the field the right way up again.
      for (let k = 0; k < side; k++) sum += filter[row * side + k]! * from[column * side + k]!;
      return sum;
    });
  return along(along(field));
};

/** @throws PatchwatchError NUMBERS_NOT_FINITE */
export const pooledField = (
  statistics: EmbeddingStatistics,
  { radius, sceneShare, epsilon, relativeEpsilon }: PoolingOptions,
): WhitenedGaussian => {
  const { patchCount, dimensions: d } = statistics;
  const side = Math.round(Math.sqrt(patchCount));
  const filter = gaussianMatrix(side, radius);
  const raw = momentsOf(statistics);
  const scene = raw.map((field) => field.reduce((sum, value) => sum + value, 0) / patchCount);
  const mixed = raw.map((field, moment) =>
    filtered(field, filter, side).map(
      (value) => sceneShare * scene[moment]! + (1 - sceneShare) * value,
    ),
  );
  const mean = new Float32Array(patchCount * d);
  const factor = new Float32Array(patchCount * d * d);
  const covariance = new Float64Array(d * d);
  for (let patch = 0; patch < patchCount; patch++) {
    for (let i = 0; i < d; i++) {
      mean[patch * d + i] = mixed[i]![patch]!;
      for (let j = 0; j <= i; j++) {
        covariance[i * d + j] =
          mixed[d + i * d + j]![patch]! - mixed[i]![patch]! * mixed[j]![patch]!;
      }
      const sceneVariance = scene[d + i * d + i]! - scene[i]! ** 2;
      covariance[i * d + i]! += epsilon + relativeEpsilon * sceneVariance;
    }
    const failedRow = choleskyInPlace(covariance, d);
    if (failedRow !== undefined) throw notInvertible(statistics, patch, failedRow);
    invertLowerInPlace(covariance, d);
    transposeInto(covariance, d, factor, patch * d * d);
  }
  return { covariance: 'own', patchCount, dimensions: d, mean, factor };
};
