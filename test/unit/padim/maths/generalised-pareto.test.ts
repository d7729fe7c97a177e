import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  excessAt,
  fitGeneralisedPareto,
  survival,
} from '../../../../src/padim/maths/generalised-pareto.ts';
import { seededRandom } from '../../../../src/padim/maths/random.ts';

/** Excesses drawn from the distribution, by inversion. */
const drawn = (shape: number, scale: number, count: number): Float64Array => {
  const random = seededRandom(7);
  return Float64Array.from({ length: count }, () => excessAt({ shape, scale }, 1 - random()));
};

describe('the fit', () => {
  test.each([
    [-0.3, 2],
    [0, 1],
    [0.3, 0.5],
  ])('finds shape %f and scale %f again from many excesses', (shape, scale) => {
    const found = fitGeneralisedPareto(drawn(shape, scale, 20_000));
    expect(Math.abs(found.shape - shape)).toBeLessThan(0.03);
    expect(Math.abs(found.scale / scale - 1)).toBeLessThan(0.05);
  });

  test('few excesses are taken for an exponential tail, more or less', () => {
    const found = fitGeneralisedPareto(Float64Array.of(1));
    expect(Math.abs(found.shape)).toBeLessThan(0.1);
    expect(found.scale).toBeCloseTo(1 - found.shape, 6);
  });
});

test('survival and its inverse agree, and fall', () => {
  const pareto = fc.record({
    shape: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    scale: fc.double({ min: 0.01, max: 100, noNaN: true }),
  });
  fc.assert(
    fc.property(pareto, fc.double({ min: 1e-6, max: 1, noNaN: true }), (given, share) => {
      expect(survival(given, excessAt(given, share))).toBeCloseTo(share, 6);
      expect(survival(given, excessAt(given, share) + 1)).toBeLessThanOrEqual(share + 1e-9);
    }),
  );
});

test('beyond the end of a bounded tail lies nothing', () => {
  expect(survival({ shape: -0.5, scale: 1 }, 2.1)).toBe(0);
});
