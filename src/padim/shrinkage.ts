// Shrinkage of each position's covariance towards the scene's: a position that saw few independent frames borrows
// from all others. How much is chosen by the likelihood of frames that were not learnt from.
import { choleskyInPlace, invertLowerInPlace } from './maths/cholesky.ts';
import type { EmbeddingStatistics } from './embedding-statistics.ts';

/** κ to choose from, in frames: none to nearly one covariance for the scene. */
const CANDIDATES: readonly number[] = [0, 30, 100, 300, 1_000, 3_000, 10_000, 100_000];

/** Positions looked at; the choice needs no more. */
const SAMPLED_PATCHES = 128;

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

/**
 * The κ under which two halves of the training frames explain each other best: mean log-likelihood of either
 * under the Gaussians of the other. Needs their statistics alone, because
 * Σ log N(x; μ, Σ) = −n/2 · (log|Σ| + tr(Σ⁻¹ (S + (m − μ)(m − μ)ᵀ))) + const with the mean m and covariance S of x.
 *
 * For pictures taken apart from each other; neighbouring frames of a video are too alike to tell
 * (docs/design/adr/0007-footage-decides-the-model.md).
 */
export const chooseShrinkage = (
  halves: readonly [EmbeddingStatistics, EmbeddingStatistics],
  epsilon: number,
): number => {
  const [a, b] = halves;
  const step = Math.max(1, Math.floor(a.patchCount / SAMPLED_PATCHES));
  const likelihoods = new Float64Array(CANDIDATES.length);
  for (const [learnt, seen] of [
    [a, b],
    [b, a],
  ] as const) {
    const prior = meanCovariance(learnt);
    for (let patch = 0; patch < learnt.patchCount; patch += step) {
      CANDIDATES.forEach((kappa, index) => {
        likelihoods[index]! += logLikelihood({ learnt, seen, patch, kappa, prior, epsilon });
      });
    }
  }
  const best = likelihoods.reduce(
    (top, value, index) => (value > likelihoods[top]! ? index : top),
    0,
  );
  return CANDIDATES[best]!;
};

interface HeldOut {
  readonly learnt: EmbeddingStatistics;
  readonly seen: EmbeddingStatistics;
  readonly patch: number;
  readonly kappa: number;
  readonly prior: Float64Array;
  readonly epsilon: number;
}

/** Of `seen` at a position, per frame, up to a constant. */
const logLikelihood = ({ learnt, seen, patch, kappa, prior, epsilon }: HeldOut): number => {
  const d = learnt.dimensions;
  const factor = new Float64Array(d * d);
  learnt.covarianceInto(patch, factor);
  shrinkTowards(prior, factor, kappa, learnt.frameCount);
  for (let index = 0; index < d * d; index += d + 1) factor[index]! += epsilon;
  if (choleskyInPlace(factor, d) !== undefined) return -Infinity;
  let logDeterminant = 0;
  for (let index = 0; index < d * d; index += d + 1) logDeterminant += 2 * Math.log(factor[index]!);
  invertLowerInPlace(factor, d);
  const spread = new Float64Array(d * d);
  seen.covarianceInto(patch, spread);
  const from = new Float64Array(d);
  const to = new Float64Array(d);
  learnt.meanInto(patch, from);
  seen.meanInto(patch, to);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) spread[i * d + j]! += (to[i]! - from[i]!) * (to[j]! - from[j]!);
  }
  return -(logDeterminant + traceOfProduct(factor, spread, d)) / 2;
};

/** tr(L⁻ᵀ L⁻¹ S) = Σ over rows w of L⁻¹ of w S wᵀ; lower triangles. */
const traceOfProduct = (inverse: Float64Array, symmetric: Float64Array, d: number): number => {
  let trace = 0;
  for (let row = 0; row < d; row++) {
    for (let i = 0; i <= row; i++) {
      const weight = inverse[row * d + i]!;
      let sum = weight * symmetric[i * d + i]!;
      for (let j = 0; j < i; j++) sum += 2 * inverse[row * d + j]! * symmetric[i * d + j]!;
      trace += weight * sum;
    }
  }
  return trace;
};
