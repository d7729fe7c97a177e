import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { mapOperator } from '../../../../src/padim/maths/map-operator.ts';

const shape = fc.record({
  side: fc.integer({ min: 1, max: 24 }),
  scale: fc.integer({ min: 1, max: 4 }),
  sigma: fc.constantFrom(0, 0.5, 1, 4),
});

describe('mapOperator', () => {
  test('rows sum to 1: a flat map stays as it is', () => {
    fc.assert(
      fc.property(shape, ({ side, scale, sigma }) => {
        const outSide = side * scale;
        const operator = mapOperator(side, outSide, sigma);
        expect(operator).toHaveLength(outSide * side);
        for (let row = 0; row < outSide; row++) {
          const weights = operator.subarray(row * side, (row + 1) * side);
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
        }
      }),
    );
  });

  test('treats both ends alike', () => {
    fc.assert(
      fc.property(shape, ({ side, scale, sigma }) => {
        const operator = mapOperator(side, side * scale, sigma);
        operator.forEach((weight, index) => {
          expect(operator.at(-1 - index)).toBeCloseTo(weight, 5);
        });
      }),
    );
  });

  test('same size, no filter: the map itself', () => {
    expect([...mapOperator(3, 3, 0)]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  test('twice the size: cubic convolution with a = −0.75 at quarter steps', () => {
    // Weights at distances 1.25, 0.25, 0.75 and 1.75.
    const weights = [-0.10546875, 0.87890625, 0.26171875, -0.03515625];
    const row = mapOperator(8, 16, 0).subarray(7 * 8, 8 * 8);
    expect([...row]).toEqual([0, 0, ...weights, 0, 0]);
  });

  test('the filter is reflected at the border, half-sample', () => {
    // σ = 1 is cut at 4 cells: the kernel's weights fold back onto the three cells.
    const kernel = Array.from({ length: 9 }, (_, tap) => Math.exp(-((tap - 4) ** 2) / 2));
    const total = kernel.reduce((sum, weight) => sum + weight, 0);
    // Cells −4…4 around the first of three (… b c c b a | a b c | c b …).
    const cells = [2, 2, 1, 0, 0, 1, 2, 2, 1];
    const expected = [0, 1, 2].map(
      (cell) =>
        kernel.reduce((sum, weight, tap) => sum + (cells[tap] === cell ? weight : 0), 0) / total,
    );
    expected.forEach((weight, cell) => {
      expect(mapOperator(3, 3, 1)[cell]).toBeCloseTo(weight, 6);
    });
  });
});
