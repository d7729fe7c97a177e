import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { choleskyInPlace, invertLowerInPlace } from '../../../../src/padim/maths/cholesky.ts';
import { seededRandom } from '../../../../src/padim/maths/random.ts';

/** B Bᵀ + I is positive definite whatever B is. */
const positiveDefinite = (size: number, seed: number): Float64Array => {
  const random = seededRandom(seed);
  const b = Float64Array.from({ length: size * size }, () => 2 * random() - 1);
  return Float64Array.from({ length: size * size }, (_, cell) => {
    const i = Math.floor(cell / size);
    const j = cell % size;
    let sum = i === j ? 1 : 0;
    for (let k = 0; k < size; k++) sum += b[i * size + k]! * b[j * size + k]!;
    return sum;
  });
};

/** Σ a[i, k] · b[k, j] over k, where both are lower triangles. */
const lowerProduct = (a: Float64Array, b: Float64Array, size: number, i: number, j: number) => {
  let sum = 0;
  for (let k = j; k <= i; k++) sum += a[i * size + k]! * b[k * size + j]!;
  return sum;
};

const matrices = fc.record({ size: fc.integer({ min: 1, max: 23 }), seed: fc.nat() });

describe('choleskyInPlace', () => {
  test('L Lᵀ is the matrix again', () => {
    fc.assert(
      fc.property(matrices, ({ size, seed }) => {
        const matrix = positiveDefinite(size, seed);
        const lower = matrix.slice();
        expect(choleskyInPlace(lower, size)).toBeUndefined();
        for (let i = 0; i < size; i++) {
          for (let j = 0; j <= i; j++) {
            let sum = 0;
            for (let k = 0; k <= j; k++) sum += lower[i * size + k]! * lower[j * size + k]!;
            expect(sum).toBeCloseTo(matrix[i * size + j]!, 10);
          }
        }
      }),
    );
  });

  test('neither reads nor writes above the diagonal', () => {
    const size = 9;
    const whole = positiveDefinite(size, 3);
    const half = whole.map((value, cell) => (cell % size > Math.floor(cell / size) ? NaN : value));
    choleskyInPlace(whole, size);
    expect(choleskyInPlace(half, size)).toBeUndefined();
    half.forEach((value, cell) => {
      if (cell % size > Math.floor(cell / size)) expect(value).toBeNaN();
      else expect(value).toBe(whole[cell]);
    });
  });

  test.each([
    { what: 'a negative pivot', matrix: [4, 0, 0, -1], row: 1 },
    { what: 'a singular matrix', matrix: [1, 0, 1, 1], row: 1 },
    { what: 'zeros', matrix: [0, 0, 0, 0], row: 0 },
    { what: 'NaN', matrix: [NaN, 0, 0, 1], row: 0 },
    { what: 'NaN beside the diagonal', matrix: [1, 0, NaN, 1], row: 1 },
    { what: 'infinity', matrix: [Infinity, 0, 0, 1], row: 0 },
  ])('$what fails at row $row', ({ matrix, row }) => {
    expect(choleskyInPlace(Float64Array.from(matrix), 2)).toBe(row);
  });

  test('names the row where a pivot turns negative', () => {
    fc.assert(
      fc.property(matrices, fc.nat(), ({ size, seed }, at) => {
        const row = at % size;
        const matrix = positiveDefinite(size, seed);
        matrix[row * size + row] = -1;
        expect(choleskyInPlace(matrix, size)).toBe(row);
      }),
    );
  });
});

test('invertLowerInPlace: L L⁻¹ = I', () => {
  fc.assert(
    fc.property(matrices, ({ size, seed }) => {
      const lower = positiveDefinite(size, seed);
      choleskyInPlace(lower, size);
      const inverse = lower.slice();
      invertLowerInPlace(inverse, size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j <= i; j++) {
          expect(lowerProduct(lower, inverse, size, i, j)).toBeCloseTo(i === j ? 1 : 0, 9);
        }
      }
    }),
  );
});
