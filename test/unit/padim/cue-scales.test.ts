import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CueScales } from '../../../src/padim/cue-scales.ts';

const batch = fc
  .array(fc.float({ min: 0, max: 1_000, noNaN: true }), { maxLength: 20 })
  .map((values) => Float32Array.from(values));
const batches = fc.array(fc.tuple(batch, fc.option(batch, { nil: undefined })), { maxLength: 8 });

/** By definition: two passes over all values. */
const scaleOf = (values: readonly number[]) => {
  const n = Math.max(1, values.length);
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.max(0.3, Math.sqrt(squares / n)) };
};

test('mean and deviation of all values of each cue, whatever the batches', () => {
  fc.assert(
    fc.property(batches, (given) => {
      const scales = new CueScales();
      for (const pair of given) scales.add(pair);
      const expected = [
        scaleOf(given.flatMap(([appearance]) => [...appearance])),
        scaleOf(given.flatMap(([, motion]) => [...(motion ?? [])])),
      ];
      scales.finish().forEach(({ mean, deviation }, cue) => {
        expect(mean).toBeCloseTo(expected[cue]!.mean, 6);
        expect(deviation).toBeCloseTo(expected[cue]!.deviation, 6);
      });
    }),
  );
});

test('a small deviation far from zero keeps its digits', () => {
  const scales = new CueScales();
  for (let round = 0; round < 1_000; round++) {
    scales.add([Float32Array.of(65_536, 65_537), Float32Array.of(3, 3)]);
  }
  const [appearance, motion] = scales.finish();
  expect(appearance.mean).toBeCloseTo(65_536.5, 6);
  expect(appearance.deviation).toBeCloseTo(0.5, 6);
  // Cells that never differ must not make the next that does infinitely strange.
  expect(motion).toEqual({ mean: 3, deviation: 0.3 });
});
