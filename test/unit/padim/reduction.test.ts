import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';

import { seededRandom } from '../../../src/padim/maths/random.ts';
import { principalComponents, semiOrthogonal } from '../../../src/padim/reduction.ts';
import { DIMENSIONS, PATCHES, statisticsOver, type Frame } from './plain-moments.ts';

const matrixOf = (values: Float32Array, rows: number): Matrix =>
  Matrix.from1DArray(rows, values.length / rows, values);

const expectOrthonormal = (columns: Matrix): void => {
  const gram = columns.transpose().mmul(columns);
  for (let row = 0; row < gram.rows; row++) {
    for (let column = 0; column < gram.columns; column++) {
      expect(gram.get(row, column)).toBeCloseTo(row === column ? 1 : 0, 6);
    }
  }
};

test('semi-orthogonal: orthonormal columns, the same for the same seed', () => {
  const matrix = semiOrthogonal(40, 12, 3);
  expectOrthonormal(matrixOf(matrix, 40));
  expect(semiOrthogonal(40, 12, 3)).toEqual(matrix);
  expect(semiOrthogonal(40, 12, 4)).not.toEqual(matrix);
});

test('principal components: of all patches’ covariance, whose largest variances they keep', () => {
  const random = seededRandom(1);
  const frames: readonly Frame[] = Array.from({ length: 400 }, () =>
    Array.from({ length: PATCHES * DIMENSIONS }, (_, at) => {
      const spread = [1, 8, 3, 0.2][at % DIMENSIONS]!;
      return (random() - 0.5) * spread + Math.floor(at / DIMENSIONS);
    }),
  );
  const shift = new Float32Array(PATCHES * DIMENSIONS);
  const components = matrixOf(
    principalComponents(statisticsOver(frames, 'shared', shift), 2),
    DIMENSIONS,
  );
  expectOrthonormal(components);
  const patches = new Matrix(
    frames.flatMap((frame) =>
      Array.from({ length: PATCHES }, (_, patch) =>
        frame.slice(patch * DIMENSIONS, (patch + 1) * DIMENSIONS),
      ),
    ),
  ).center('column');
  const covariance = patches.transpose().mmul(patches).div(patches.rows);
  const kept = components.transpose().mmul(covariance).mmul(components);
  const { realEigenvalues } = new EigenvalueDecomposition(covariance);
  const largest = realEigenvalues.sort((a, b) => b - a).slice(0, 2);
  expect(kept.trace()).toBeCloseTo(largest[0]! + largest[1]!, 1);
  expect(kept.get(0, 1)).toBeCloseTo(0, 1);
});
