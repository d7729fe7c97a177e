import fc from 'fast-check';
import { expect, test } from 'vitest';

import { addLowerTriangles, triangleSize } from '../../../../src/padim/maths/packed-triangle.ts';

test('addLowerTriangles adds row by row what lies on and below the diagonal', () => {
  const shape = fc.record({
    size: fc.integer({ min: 1, max: 14 }),
    matrices: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(shape, ({ size, matrices }) => {
      const full = Float32Array.from({ length: matrices * size * size }, (_, index) => index + 1);
      const packed = new Float64Array(matrices * triangleSize(size)).fill(0.5);
      addLowerTriangles(packed, full, size);
      const expected: number[] = [];
      for (let matrix = 0; matrix < matrices; matrix++) {
        for (let row = 0; row < size; row++) {
          const start = (matrix * size + row) * size;
          expected.push(...full.subarray(start, start + row + 1));
        }
      }
      expect([...packed]).toEqual(expected.map((value) => value + 0.5));
    }),
  );
});

test.each([
  [1, 1],
  [2, 3],
  [100, 5_050],
])('a triangle of %i rows holds %i numbers', (size, count) => {
  expect(triangleSize(size)).toBe(count);
});
