// Linear reductions of the channels, beside the random choice of channels that the paper ends up with: what they
// are compared with (PaDiM, section 4.1 and table 2; Kim et al., arXiv 2103.14820 for the semi-orthogonal one).
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';

import type { EmbeddingStatistics } from './embedding-statistics.ts';
import { seededRandom } from './maths/random.ts';

export const REDUCTIONS = ['random', 'pca', 'semi-orthogonal', 'none'] as const;
export type Reduction = (typeof REDUCTIONS)[number];

/**
 * Orthonormal columns that span a random subspace, all subspaces being equally likely: Q of the QR decomposition of
 * a matrix of standard normal numbers.
 *
 * @returns (channel, projected channel), channelCount × count
 */
export const semiOrthogonal = (channelCount: number, count: number, seed: number): Float32Array => {
  const random = seededRandom(seed);
  // Box and Muller; 1 − u keeps the logarithm finite.
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows = Array.from({ length: channelCount }, () => Array.from({ length: count }, normal));
  return Float32Array.from(new QrDecomposition(new Matrix(rows)).orthogonalMatrix.to1DArray());
};

/**
 * The principal components of largest variance of all patches of all frames.
 *
 * @param statistics shared, of the unreduced embeddings
 * @returns (channel, projected channel), channelCount × count
 */
export const principalComponents = (
  statistics: EmbeddingStatistics,
  count: number,
): Float32Array => {
  const d = statistics.dimensions;
  const total = totalCovariance(statistics);
  const { eigenvectorMatrix: vectors } = new EigenvalueDecomposition(total, {
    assumeSymmetric: true,
  });
  // Eigenvalues ascend.
  return Float32Array.from(vectors.subMatrix(0, d - 1, d - count, d - 1).to1DArray());
};

/** About the one mean of all patches: that within the positions and that between their means. */
const totalCovariance = (statistics: EmbeddingStatistics): Matrix => {
  const { dimensions: d, patchCount } = statistics;
  const within = new Float64Array(d * d);
  statistics.covarianceInto(0, within);
  const means = new Matrix(patchCount, d);
  const mean = new Float64Array(d);
  for (let patch = 0; patch < patchCount; patch++) {
    statistics.meanInto(patch, mean);
    means.setRow(patch, mean);
  }
  const centred = means.center('column');
  const between = centred.transpose().mmul(centred).div(patchCount);
  const total = new Matrix(d, d);
  for (let row = 0; row < d; row++) {
    for (let column = 0; column <= row; column++) {
      const value = within[row * d + column]! + between.get(row, column);
      total.set(row, column, value);
      total.set(column, row, value);
    }
  }
  return total;
};
