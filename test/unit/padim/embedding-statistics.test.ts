import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { CovarianceKind } from '../../../src/core/ports/engine.ts';
import { EmbeddingStatistics } from '../../../src/padim/embedding-statistics.ts';
import { gaussianField } from '../../../src/padim/gaussian-field.ts';
import { PATCHES, DIMENSIONS, momentsOf, statisticsOver, type Frame } from './plain-moments.ts';

const KINDS: readonly CovarianceKind[] = ['own', 'shared'];
const VALUES = PATCHES * DIMENSIONS;

const number = fc.float({ min: -50, max: 50, noNaN: true });
const frame: fc.Arbitrary<Frame> = fc.array(number, { minLength: VALUES, maxLength: VALUES });
const footage = fc.array(frame, { minLength: 2, maxLength: 12 });
const shift = fc
  .array(number, { minLength: VALUES, maxLength: VALUES })
  .map((values) => Float32Array.from(values));

/** Mean, covariance by its definition: two passes over the plain numbers. */
const byDefinition = (frames: readonly Frame[], kind: CovarianceKind) => {
  const n = frames.length;
  const mean = Array.from(
    { length: VALUES },
    (_, at) => frames.reduce((sum, one) => sum + one[at]!, 0) / n,
  );
  const own = Array.from({ length: PATCHES }, (_, patch) =>
    Array.from({ length: DIMENSIONS ** 2 }, (_unused, cell) => {
      const a = patch * DIMENSIONS + Math.floor(cell / DIMENSIONS);
      const b = patch * DIMENSIONS + (cell % DIMENSIONS);
      return (
        frames.reduce((sum, one) => sum + (one[a]! - mean[a]!) * (one[b]! - mean[b]!), 0) / (n - 1)
      );
    }),
  );
  const shared = own[0]!.map(
    (_, cell) => own.reduce((sum, one) => sum + one[cell]!, 0) / own.length,
  );
  return { mean, covariances: kind === 'own' ? own : own.map(() => shared) };
};

const expectDefinition = (statistics: EmbeddingStatistics, frames: readonly Frame[]): void => {
  const { mean, covariances } = byDefinition(frames, statistics.kind);
  expect(statistics.frameCount).toBe(frames.length);
  const gotMean = new Float64Array(DIMENSIONS);
  const gotCovariance = new Float64Array(DIMENSIONS ** 2);
  for (let patch = 0; patch < PATCHES; patch++) {
    statistics.meanInto(patch, gotMean);
    statistics.covarianceInto(patch, gotCovariance);
    for (let i = 0; i < DIMENSIONS; i++) {
      expect(gotMean[i]).toBeCloseTo(mean[patch * DIMENSIONS + i]!, 4);
      for (let j = 0; j <= i; j++) {
        const cell = i * DIMENSIONS + j;
        // Sums of squares up to 10⁴ in float32: seven digits.
        expect(Math.abs(gotCovariance[cell]! - covariances[patch]![cell]!)).toBeLessThan(0.05);
      }
    }
  }
};

describe.each(KINDS)('EmbeddingStatistics, %s covariance', (kind) => {
  test('streamed in any batches about any shift, they are mean and covariance', () => {
    fc.assert(
      fc.property(
        footage,
        shift,
        fc.array(fc.integer({ min: 1, max: 5 })),
        (frames, about, sizes) => {
          const statistics = statisticsOver([], kind, about);
          for (let first = 0, round = 0; first < frames.length; round++) {
            const batch = frames.slice(first, first + (sizes[round] ?? 1));
            statistics.add(momentsOf(batch, kind, about), batch.length);
            first += batch.length;
          }
          expectDefinition(statistics, frames);
        },
      ),
    );
  });

  test('merged, they are those of all frames, whatever shifts the parts had', () => {
    fc.assert(
      fc.property(footage, footage, shift, shift, (a, b, shiftOfA, shiftOfB) => {
        const statistics = statisticsOver(a, kind, shiftOfA);
        statistics.merge(statisticsOver(b, kind, shiftOfB));
        expectDefinition(statistics, [...a, ...b]);
      }),
    );
  });

  test('merging nothing changes nothing, and merging into nothing takes all', () => {
    fc.assert(
      fc.property(footage, shift, shift, (frames, shiftOfA, shiftOfB) => {
        const some = statisticsOver(frames, kind, shiftOfA);
        some.merge(statisticsOver([], kind, shiftOfB));
        expectDefinition(some, frames);
        const none = statisticsOver([], kind, shiftOfB);
        none.merge(statisticsOver(frames, kind, shiftOfA));
        expectDefinition(none, frames);
      }),
    );
  });

  test('far from zero no digits cancel', () => {
    const frames = [0, 1, 2, 3].map((step) =>
      Array.from({ length: VALUES }, (_, at) => 4_096 + at + step * (at % 2 === 0 ? 1 : -0.5)),
    );
    const statistics = statisticsOver(frames, kind, Float32Array.from(frames[0]!));
    expectDefinition(statistics, frames);
  });

  test('regularised, any footage that moves gives a finite field', () => {
    fc.assert(
      fc.property(footage, (frames) => {
        const about = Float32Array.from(frames[0]!);
        const statistics = statisticsOver(frames, kind, about);
        fc.pre(statistics.meanVariance() > 1e-3);
        const field = gaussianField(statistics, { epsilon: 0.01 });
        expect([...field.factor, ...field.mean].every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test('the mean variance is that of the channels, averaged', () => {
    fc.assert(
      fc.property(footage, shift, (frames, about) => {
        const { covariances } = byDefinition(frames, kind);
        const variances = covariances.flatMap((one) =>
          one.filter((_, cell) => cell % (DIMENSIONS + 1) === 0),
        );
        const mean = variances.reduce((sum, one) => sum + one, 0) / variances.length;
        expect(Math.abs(statisticsOver(frames, kind, about).meanVariance() - mean)).toBeLessThan(
          0.05,
        );
      }),
    );
  });

  test('where the first number that is none was', () => {
    const frames = [0, 1].map((step) => Array.from({ length: VALUES }, (_, at) => at * step));
    frames[1]![DIMENSIONS + 2] = Infinity;
    const statistics = statisticsOver(frames, kind, new Float32Array(VALUES));
    expect(statistics.firstNotFinite()).toEqual({ patch: 1, channel: 2 });
  });
});

test('statistics of different embeddings are not merged', () => {
  const common = { patchCount: PATCHES, dimensions: DIMENSIONS, shift: new Float32Array(VALUES) };
  const own = new EmbeddingStatistics({ ...common, kind: 'own' });
  const shared = new EmbeddingStatistics({ ...common, kind: 'shared' });
  expect(() => own.merge(shared)).toThrow(RangeError);
});
