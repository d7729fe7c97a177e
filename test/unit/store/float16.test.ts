import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { fromHalf, toHalf } from '../../../src/store/float16.ts';

const halfOf = (value: number): number => toHalf(Float32Array.of(value))[0]!;
const rounded = (value: number): number => fromHalf(Uint16Array.of(halfOf(value)))[0]!;

describe('half precision', () => {
  // IEEE 754-2019, binary16.
  test.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [1 / 3, 0x3555],
    [Infinity, 0x7c00],
    [-Infinity, 0xfc00],
  ])('%d is %i', (value, half) => {
    expect(halfOf(value)).toBe(half);
  });

  test('every half comes back as it was', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, half) => half);
    const values = fromHalf(all);
    const again = toHalf(values);
    const wrong = all.filter((half) => !Number.isNaN(values[half]!) && again[half] !== half);
    expect([...wrong]).toEqual([]);
  });

  test.each([
    ['a tie, to the even one below', 1 + 2 ** -11, 1],
    ['a tie, to the even one above', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['more than a tie', 1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
    ['a carry into the exponent', 2 - 2 ** -12, 2],
    ['too large', 65_520, Infinity],
    ['nearly too large', 65_519, 65_504],
    ['half the smallest', 2 ** -25, 0],
    ['more than half the smallest', 1.5 * 2 ** -25, 2 ** -24],
    ['no number', NaN, NaN],
  ])('%s', (_what, value, expected) => {
    expect(rounded(value)).toBe(expected);
  });

  test('the error is at most half a step, and order is kept', () => {
    const values = fc.sample(fc.float({ min: -60_000, max: 60_000, noNaN: true }), 2_000);
    const sorted = Float32Array.from(values).toSorted();
    const rounded = fromHalf(toHalf(sorted));
    sorted.forEach((value, index) => {
      const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 2 ** -14)));
      expect(Math.abs(rounded[index]! - value)).toBeLessThanOrEqual(2 ** (exponent - 11));
      expect(rounded[index]).toBeGreaterThanOrEqual(rounded[index - 1] ?? -Infinity);
    });
  });
});
