import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { MapSmoother } from '../../../src/reading/map-smoother.ts';

const smoother = (weight: number): MapSmoother => new MapSmoother({ weight, cellCount: 2 });
const map = (...values: number[]): Float32Array => Float32Array.from(values);
const value = fc.float({ min: -1_000, max: 1_000, noNaN: true });
const footage = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 });

describe('MapSmoother', () => {
  test('the first map is taken as it is, the next pull the average', () => {
    const half = smoother(0.5);
    expect([...half.smooth(map(4, 8))]).toEqual([4, 8]);
    expect([...half.smooth(map(0, 0))]).toEqual([2, 4]);
    expect([...half.smooth(map(0, 12))]).toEqual([1, 8]);
  });

  test('it is the weighted sum of all maps so far', () => {
    fc.assert(
      fc.property(footage, fc.double({ min: 0.05, max: 1, noNaN: true }), (maps, weight) => {
        const one = smoother(weight);
        const got = maps.map((cells) => [...one.smooth(map(...cells))]).at(-1)!;
        [0, 1].forEach((cell) => {
          const expected = maps.reduce(
            (sum, cells, age) =>
              sum +
              cells[cell]! * (age === 0 ? 1 : weight) * (1 - weight) ** (maps.length - 1 - age),
            0,
          );
          expect(Math.abs(got[cell]! - expected)).toBeLessThan(0.01);
        });
      }),
    );
  });

  test('weight 1 switches it off', () => {
    const off = smoother(1);
    off.smooth(map(5, 5));
    expect([...off.smooth(map(1, 2))]).toEqual([1, 2]);
  });

  test('reset forgets the past', () => {
    const half = smoother(0.5);
    half.smooth(map(100, 100));
    half.reset();
    expect([...half.smooth(map(1, 2))]).toEqual([1, 2]);
  });

  test('leaves the map itself alone, and allocates nothing', () => {
    const half = smoother(0.5);
    const given = map(3, 4);
    const first = half.smooth(given);
    expect(half.smooth(map(1, 2))).toBe(first);
    expect([...given]).toEqual([3, 4]);
  });
});
