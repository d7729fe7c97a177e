import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { seededRandom } from '../../../src/padim/maths/random.ts';
import { meanCovariance, shrinkTowards } from '../../../src/padim/shrinkage.ts';
import { DIMENSIONS, PATCHES, statisticsOver, type Frame } from './plain-moments.ts';

const VALUES = PATCHES * DIMENSIONS;

/** Frames whose channels vary by `scaleOf(patch, channel)`, and how they hang together by `mix`. */
const footage = (
  count: number,
  seed: number,
  scaleOf: (patch: number, channel: number) => number,
): Frame[] => {
  const random = seededRandom(seed);
  // Nearly normal: the sum of twelve.
  const normal = (): number =>
    Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
  return Array.from({ length: count }, () =>
    Array.from(
      { length: VALUES },
      (_, at) => normal() * scaleOf(Math.floor(at / DIMENSIONS), at % DIMENSIONS),
    ),
  );
};

const statistics = (frames: readonly Frame[]) =>
  statisticsOver(frames, 'own', new Float32Array(VALUES));

test('meanCovariance: the mean of the positions’ own', () => {
  const seen = statistics(footage(20, 3, (patch) => patch + 1));
  const mean = meanCovariance(seen);
  const own = new Float64Array(DIMENSIONS ** 2);
  const expected = new Float64Array(DIMENSIONS ** 2);
  for (let patch = 0; patch < PATCHES; patch++) {
    seen.covarianceInto(patch, own);
    own.forEach((value, index) => (expected[index]! += value / PATCHES));
  }
  mean.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 10));
});

describe('shrinkTowards', () => {
  const matrix = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), {
    minLength: 4,
    maxLength: 4,
  });

  test('(n · covariance + κ · prior) / (n + κ)', () => {
    fc.assert(
      fc.property(matrix, matrix, fc.nat(1_000), fc.integer({ min: 1, max: 1_000 }), (...given) => {
        const [prior, own, kappa, n] = given;
        const shrunk = Float64Array.from(own);
        shrinkTowards(Float64Array.from(prior), shrunk, kappa, n);
        shrunk.forEach((value, index) => {
          expect(value).toBeCloseTo((n * own[index]! + kappa * prior[index]!) / (n + kappa), 8);
        });
      }),
    );
  });

  test('κ = 0 changes nothing', () => {
    const own = Float64Array.of(1, 2, 3);
    shrinkTowards(Float64Array.of(9, 9, 9), own, 0, 10);
    expect([...own]).toEqual([1, 2, 3]);
  });
});
