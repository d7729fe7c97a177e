import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backOffDelayMs } from '../../../src/core/back-off.ts';

it('grows 5, 10, 20, 40, 60 s and stays there', () => {
  expect([1, 2, 3, 4, 5, 6, 1000].map((count) => backOffDelayMs(count, () => 0.5))).toEqual([
    5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000,
  ]);
});

it('is spread over ± 20 %', () => {
  expect([0, 0.25, 0.75].map((value) => backOffDelayMs(1, () => value))).toEqual([
    4_000, 4_500, 5_500,
  ]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (count, x) => {
        const ratio = backOffDelayMs(count, () => x) / backOffDelayMs(count, () => 0.5);
        expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(0.2);
      },
    ),
  );
});

it('waits long where the user was refused', () => {
  expect([1, 2, 3, 4, 1000].map((count) => backOffDelayMs(count, () => 0.5, true))).toEqual([
    60_000, 300_000, 900_000, 1_800_000, 1_800_000,
  ]);
});
