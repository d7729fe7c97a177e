import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { MapSmoother } from '../../../src/reading/map-smoother.ts';

const smoother = (weight: number): MapSmoother => new MapSmoother({ weight, cellCount: 4 });
/** The last two cells stay nought. */
const map = (...values: number[]): Float32Array => Float32Array.from([...values, 0, 0]);
const firstTwo = (cells: Float32Array): readonly number[] => [...cells.subarray(0, 2)];
const value = fc.float({ min: -1_000, max: 1_000, noNaN: true });
const footage = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 });

describe('MapSmoother', () => {
  test('the first map is taken as it is, the next pull the average', () => {
    const half = smoother(0.5);
    expect(firstTwo(half.smooth(map(4, 8)))).toEqual([4, 8]);
    expect(firstTwo(half.smooth(map(0, 0)))).toEqual([2, 4]);
    expect(firstTwo(half.smooth(map(0, 12)))).toEqual([1, 5]);
    expect(firstTwo(half.smooth(map(0, 12)))).toEqual([0.5, 8.5]);
  });

  test('it is the weighted sum of all maps so far, each bounded by the one before', () => {
    fc.assert(
      fc.property(footage, fc.double({ min: 0.05, max: 0.99, noNaN: true }), (maps, weight) => {
        const one = smoother(weight);
        const got = maps.map((cells) => firstTwo(one.smooth(map(...cells)))).at(-1)!;
        [0, 1].forEach((cell) => {
          const expected = maps.reduce((sum, cells, place) => {
            const before = maps[place - 1]?.[cell];
            const counted =
              before === undefined
                ? cells[cell]!
                : Math.max(cells[cell]! / 2, Math.min(cells[cell]!, Math.max(0, before)));
            return (
              sum + counted * (place === 0 ? 1 : weight) * (1 - weight) ** (maps.length - 1 - place)
            );
          }, 0);
          expect(Math.abs(got[cell]! - expected)).toBeLessThan(0.02);
        });
      }),
    );
  });

  describe('on a map of 32 × 32 cells', () => {
    const SIDE = 32;
    const dotted = (row: number, column: number): Float32Array => {
      const dots = new Float32Array(SIDE * SIDE);
      dots[row * SIDE + column] = 8;
      return dots;
    };
    const after = (...maps: readonly Float32Array[]): number => {
      const one = new MapSmoother({ weight: 0.5, cellCount: SIDE * SIDE });
      one.smooth(new Float32Array(SIDE * SIDE));
      return Math.max(...maps.map((each) => one.smooth(each).reduce((a, b) => Math.max(a, b))));
    };

    test('what is elsewhere in every frame counts half', () => {
      expect(after(dotted(3, 3), dotted(20, 20), dotted(3, 20), dotted(28, 9))).toBe(2);
    });

    test('what stays, or comes two cells further a frame, does', () => {
      expect(after(dotted(3, 3), dotted(3, 3))).toBe(4);
      expect(after(dotted(31, 0), dotted(29, 2))).toBe(4);
      expect(after(dotted(0, 31), dotted(2, 29), dotted(4, 27))).toBe(4);
      expect(after(dotted(10, 10), dotted(10, 13))).toBe(2);
    });

    test('one frame without numbers hides nothing in the next', () => {
      const none = new Float32Array(SIDE * SIDE).fill(NaN);
      const one = new MapSmoother({ weight: 0.5, cellCount: SIDE * SIDE });
      one.smooth(none);
      expect(one.smooth(dotted(5, 5))[5 * SIDE + 5]).toBe(8);
    });
  });

  test('weight 1 switches it off', () => {
    const off = smoother(1);
    off.smooth(map(5, 5));
    expect(firstTwo(off.smooth(map(1, 2)))).toEqual([1, 2]);
  });

  test('reset forgets the past', () => {
    const half = smoother(0.5);
    half.smooth(map(100, 100));
    half.reset();
    expect(firstTwo(half.smooth(map(1, 2)))).toEqual([1, 2]);
  });

  test('leaves the map itself alone, and allocates nothing', () => {
    const half = smoother(0.5);
    const given = map(3, 4);
    const first = half.smooth(given);
    expect(half.smooth(map(1, 2))).toBe(first);
    expect(firstTwo(given)).toEqual([3, 4]);
  });
});
