import fc from 'fast-check';
import { expect, test } from 'vitest';

import { editDistance, nearestName } from '../../../src/config/nearest-name.ts';

const KEYS = ['fps', 'url', 'maxLatency', 'stallTimeout', 'smoothing', 'scenes'];

test.each([
  ['fsp', 'fps'],
  ['FPS', 'fps'],
  ['max_latency', 'maxLatency'],
  ['maxLatencyMs', 'maxLatency'],
  ['stallTimout', 'stallTimeout'],
  ['scene', 'scenes'],
  ['threshold', undefined],
  ['', undefined],
])('%s is meant as %s', (name, meant) => {
  expect(nearestName(name, KEYS)).toBe(meant);
});

test('the edit distance is one', () => {
  const names = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
  fc.assert(
    fc.property(names, names, (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});
