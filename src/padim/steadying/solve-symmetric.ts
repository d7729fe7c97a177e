// Solves a few linear equations in place.

/**
 * Gaussian elimination without pivoting, which a positive definite matrix does not need.
 *
 * @param matrix n × n, positive definite; overwritten
 * @param right of n, replaced by the solution
 * @returns false where the matrix is singular or not finite
 */
export const solveSymmetric = (matrix: Float64Array, right: Float64Array, n: number): boolean => {
  for (let column = 0; column < n; column++) {
    const pivot = matrix[column * n + column]!;
    if (!(pivot > 1e-9)) return false;
    for (let row = column + 1; row < n; row++) {
      const factor = matrix[row * n + column]! / pivot;
      for (let k = column; k < n; k++) matrix[row * n + k]! -= factor * matrix[column * n + k]!;
      right[row]! -= factor * right[column]!;
    }
  }
  for (let row = n - 1; row >= 0; row--) {
    let value = right[row]!;
    for (let k = row + 1; k < n; k++) value -= matrix[row * n + k]! * right[k]!;
    right[row] = value / matrix[row * n + row]!;
  }
  return right.every(Number.isFinite);
};
