import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { excessAt, fitTail, survival } from '../../../../src/padim/maths/generalised-pareto.ts';
import { seededRandom } from '../../../../src/padim/maths/random.ts';

/** Excesses drawn from the distribution, by inversion. */
const drawn = (shape: number, scale: number, count: number): Float64Array => {
  const random = seededRandom(7);
  return Float64Array.from({ length: count }, () => excessAt({ shape, scale }, 1 - random()));
};

describe('the fit', () => {
  test('finds the scale of an exponential tail again from many excesses', () => {
    const { pareto, count, strangeCount } = fitTail(drawn(0, 2, 20_000));
    expect(pareto.shape).toBeLessThan(0.001);
    expect(Math.abs(pareto.scale / 2 - 1)).toBeLessThan(0.02);
    expect(count + strangeCount).toBe(20_000);
    expect(strangeCount).toBeLessThan(3);
  });

  test('few excesses leave the tail heavy', () => {
    expect(fitTail(Float64Array.of(1, 1)).pareto).toEqual({ shape: 0.5, scale: 1 });
    expect(fitTail(drawn(0, 1, 8)).pareto.shape).toBeCloseTo(1 / 6, 9);
  });

  test.each([10, 30, 40])('of %i excesses one in ten may be as loud as it will', (count) => {
    const quiet = drawn(0, 1, count);
    const rest = quiet.slice(count / 10);
    const loud = Float64Array.from([...rest, ...new Float64Array(count / 10).fill(1_000)]);
    const clean = fitTail(rest);
    const found = fitTail(loud);
    expect(found.strangeCount).toBe(count / 10);
    expect(found.pareto).toEqual(clean.pareto);
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
