import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CapacitySearch } from '../../../../src/commands/bench/capacity-search.ts';

const search = (capacity: number, first: number, most = 1_000, maxTries = 100) => {
  const found = new CapacitySearch({ first, most, maxTries });
  const tried: number[] = [];
  for (let next = found.next; next !== undefined; next = found.next) {
    tried.push(next);
    found.record(next, next <= capacity);
  }
  return { tried, carried: found.carried, refused: found.refused };
};

test.each([
  { capacity: 20, first: 16, tried: [16, 24, 20, 22], carried: 20, refused: 22 },
  { capacity: 5, first: 16, tried: [16, 8, 4, 6, 5], carried: 5, refused: 6 },
  { capacity: 0, first: 4, tried: [4, 2, 1], carried: 0, refused: 1 },
  { capacity: 999, first: 7, most: 12, tried: [7, 10, 12], carried: 12, refused: undefined },
  { capacity: 9, first: 9, most: 9, tried: [9], carried: 9, refused: undefined },
  { capacity: 20, first: 16, maxTries: 2, tried: [16, 24], carried: 16, refused: 24 },
])('capacity $capacity from $first', ({ capacity, first, most, maxTries, ...expected }) => {
  expect(search(capacity, first, most, maxTries)).toEqual(expected);
});

test('any capacity is found, to a tenth or to one camera, and no number is tried twice', () => {
  fc.assert(
    fc.property(fc.nat(400), fc.integer({ min: 1, max: 400 }), (capacity, first) => {
      const { tried, carried, refused } = search(capacity, first);
      expect(carried).toBeLessThanOrEqual(capacity);
      expect(refused).toBeGreaterThan(capacity);
      expect(refused! - carried).toBeLessThanOrEqual(Math.max(1, 0.1 * carried));
      expect(new Set(tried).size).toBe(tried.length);
      expect(tried.length).toBeLessThanOrEqual(24);
    }),
  );
});
