// Cholesky factor and its inverse, in place, float64, (row, column) row-major; only the lower triangle is
// read or written. Loops run along rows, so that memory is walked in order.

/** L of the matrix = L Lᵀ. False when the matrix is not positive definite (or not finite). */
export const choleskyInPlace = (matrix: Float64Array, size: number): boolean => {
  for (let i = 0; i < size; i++) {
    const rowI = i * size;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * size;
      let value = matrix[rowI + j]!;
      for (let k = 0; k < j; k++) value -= matrix[rowI + k]! * matrix[rowJ + k]!;
      if (j < i) matrix[rowI + j] = value / matrix[rowJ + j]!;
      else if (value > 0 && value < Infinity) matrix[rowI + i] = Math.sqrt(value);
      else return false;
    }
  }
  return true;
};

/** L⁻¹ of a lower-triangular L. */
export const invertLowerInPlace = (lower: Float64Array, size: number): void => {
  const row = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const rowI = i * size;
    const inverse = 1 / lower[rowI + i]!;
    row.fill(0, 0, i);
    // Row i of L⁻¹ is −(Σₖ L[i,k] · row k of L⁻¹) / L[i,i] for k < i.
    for (let k = 0; k < i; k++) {
      const factor = lower[rowI + k]!;
      const rowK = k * size;
      for (let j = 0; j <= k; j++) row[j]! += factor * lower[rowK + j]!;
    }
    for (let j = 0; j < i; j++) lower[rowI + j] = -row[j]! * inverse;
    lower[rowI + i] = inverse;
  }
};
