import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { PixelCurves, type PixelScores } from '../../../../src/evaluation/measures/pixel-curves.ts';
import { rocAuc } from '../../../../src/evaluation/measures/roc-auc.ts';
import { seededRandom } from '../../../../src/padim/maths/random.ts';
import { bytes, floats, goldens } from './goldens.ts';

const measured = (maps: Float32Array, masks: Uint8Array, side: number): PixelScores | null => {
  const curves = new PixelCurves();
  for (let start = 0; start < maps.length; start += side * side) {
    const end = start + side * side;
    curves.add(maps.subarray(start, end), masks.subarray(start, end), side);
  }
  return curves.finish();
};

describe('equals scikit-learn and PRO counted threshold by threshold', () => {
  test.each(goldens().pixels)('$name', (golden) => {
    const scores = measured(floats(golden.maps), bytes(golden.masks), golden.side);
    if (scores === null) throw new Error('expected both classes');
    expect(scores.aurocError).toBeLessThanOrEqual(1e-4);
    expect(scores.proError).toBeLessThanOrEqual(1e-4);
    expect(Math.abs(scores.auroc - golden.auroc)).toBeLessThanOrEqual(scores.aurocError + 1e-12);
    expect(Math.abs(scores.pro - golden.pro)).toBeLessThanOrEqual(scores.proError + 1e-12);
  });
});

const picture = fc
  .record({
    // Steps near the width of a bin: some scores share one, some don't.
    steps: fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 16, maxLength: 16 }),
    mask: fc.array(fc.nat(1), { minLength: 16, maxLength: 16 }),
  })
  .map(({ steps, mask }) => ({
    map: Float32Array.from(steps, (step) => 1.5 + step * 2 ** -18),
    mask: Uint8Array.from(mask),
  }));

test('the exact value lies within the error that is shown', () => {
  fc.assert(
    fc.property(picture, ({ map, mask }) => {
      const scores = measured(map, mask, 4);
      const exact = rocAuc(map, mask);
      if (scores === null || exact === null) {
        expect(scores).toBe(exact);
        return;
      }
      expect(Math.abs(scores.auroc - exact)).toBeLessThanOrEqual(scores.aurocError + 1e-12);
      // Spread out, the same order has bins of its own for each score: the exact curve.
      const spread = measured(
        map.map((score) => (score - 1.5) * 2 ** 18),
        mask,
        4,
      );
      expect(spread).toMatchObject({ aurocError: 0, proError: 0 });
      expect(spread?.auroc).toBeCloseTo(exact, 12);
      expect(Math.abs(scores.pro - (spread?.pro ?? NaN))).toBeLessThanOrEqual(
        scores.proError + 1e-12,
      );
    }),
    { numRuns: 200 },
  );
});

test('a perfect map has 1 everywhere, a constant one what chance gives', () => {
  const mask = Uint8Array.from({ length: 64 }, (_, pixel) => Number(pixel < 8));
  expect(measured(Float32Array.from(mask), mask, 8)).toEqual({
    auroc: 1,
    aurocError: 0,
    pro: 1,
    proError: 0,
  });
  const constant = measured(new Float32Array(64).fill(7), mask, 8);
  expect(constant).toMatchObject({ auroc: 0.5, aurocError: 0, proError: 0 });
  expect(constant?.pro).toBeCloseTo(0.15, 12);
});

test('small regions count as much as large ones in PRO, and not in AUROC', () => {
  const side = 16;
  const mask = new Uint8Array(side * side);
  mask.fill(1, 0, 64);
  mask[200] = 1;
  const onlyLarge = Float32Array.from(mask, (value, pixel) => (pixel === 200 ? -1 : value));
  const scores = measured(onlyLarge, mask, side);
  expect(scores?.pro).toBeCloseTo(0.5, 12);
  expect(scores?.auroc).toBeCloseTo(64 / 65, 12);
});

test('frames without a mask are normal throughout', () => {
  const [side, random] = [8, seededRandom(3)];
  const map = Float32Array.from({ length: 64 }, () => random());
  const mask = Uint8Array.from({ length: 64 }, () => Number(random() < 0.2));
  const [withMask, without] = [new PixelCurves(), new PixelCurves()];
  for (const curves of [withMask, without]) curves.add(map, mask, side);
  withMask.add(map, new Uint8Array(64), side);
  without.add(map, undefined, side);
  expect(without.finish()).toEqual(withMask.finish());
});

test('is null where one class is missing', () => {
  const curves = new PixelCurves();
  expect(curves.finish()).toBeNull();
  curves.add(new Float32Array(4), undefined, 2);
  expect(curves.finish()).toBeNull();
  expect(measured(new Float32Array(4), new Uint8Array(4).fill(1), 2)).toBeNull();
});

test('refuses what is no map', () => {
  const curves = new PixelCurves();
  for (const score of [NaN, Infinity, -Infinity]) {
    expect(() => curves.add(Float32Array.of(0, 1, 2, score), undefined, 2)).toThrow(
      expect.objectContaining({ code: 'NUMBERS_NOT_FINITE' }) as Error,
    );
  }
  expect(() => curves.add(new Float32Array(4), new Uint8Array(3), 2)).toThrow(RangeError);
});
