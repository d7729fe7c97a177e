import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { StretchReservoir, halfOf } from '../../../src/fitting/stretches.ts';

test('stretches alternate between the halves', () => {
  expect([0, 1, 2, 3].map(halfOf)).toEqual([0, 1, 0, 1]);
});

/** Which stretch each slot holds after so many. */
const keptAfter = (stretches: number, slots: number, seed: number): number[] => {
  const reservoir = new StretchReservoir(slots, seed);
  const kept: number[] = [];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const slot = reservoir.slotFor(stretch);
    if (slot !== undefined) kept[slot] = stretch;
  }
  return kept;
};

describe('StretchReservoir', () => {
  const setting = fc.record({
    stretches: fc.nat(300),
    slots: fc.integer({ min: 1, max: 30 }),
    seed: fc.integer(),
  });

  test('every slot is in range, and no stretch is kept twice', () => {
    fc.assert(
      fc.property(setting, ({ stretches, slots, seed }) => {
        const kept = keptAfter(stretches, slots, seed);
        expect(kept).toHaveLength(Math.min(stretches, slots));
        expect(new Set(kept).size).toBe(kept.length);
        expect(kept.every((stretch) => stretch < stretches)).toBe(true);
      }),
    );
  });

  test('as long as there is room, all are kept, in order', () => {
    fc.assert(
      fc.property(setting, ({ slots, seed }) => {
        expect(keptAfter(slots, slots, seed)).toEqual(Array.from({ length: slots }, (_, i) => i));
      }),
    );
  });

  test('the same for the same seed', () => {
    fc.assert(
      fc.property(setting, ({ stretches, slots, seed }) => {
        expect(keptAfter(stretches, slots, seed)).toEqual(keptAfter(stretches, slots, seed));
      }),
    );
    expect(keptAfter(200, 10, 1)).not.toEqual(keptAfter(200, 10, 2));
  });

  test('every stretch has the same chance, early or late', () => {
    const counts = new Float64Array(40);
    for (let seed = 0; seed < 4_000; seed++) {
      for (const stretch of keptAfter(40, 10, seed)) counts[stretch]! += 1;
    }
    // 1,000 expected; the standard deviation is 27.
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
    // 10,000 of each quarter; the standard deviation is 76.
    for (let first = 0; first < 40; first += 10) {
      const quarter = counts.subarray(first, first + 10).reduce((sum, count) => sum + count, 0);
      expect(Math.abs(quarter - 10_000)).toBeLessThan(300);
    }
  });
});
