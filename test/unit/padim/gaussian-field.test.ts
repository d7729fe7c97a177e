import { describe, expect, test } from 'vitest';

import type { PatchwatchError } from '../../../src/core/errors.ts';
import type { CovarianceKind } from '../../../src/core/ports/engine.ts';
import type { EmbeddingStatistics } from '../../../src/padim/embedding-statistics.ts';
import { checkVaries, gaussianField } from '../../../src/padim/gaussian-field.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { DIMENSIONS, PATCHES, statisticsOver, type Frame } from './plain-moments.ts';

const VALUES = PATCHES * DIMENSIONS;
const KINDS: readonly CovarianceKind[] = ['own', 'shared'];

const noise = (count: number): number[][] => {
  const random = seededRandom(5);
  return Array.from({ length: count }, () => Array.from({ length: VALUES }, () => random() - 0.5));
};

/** About the first frame, as fitting sums about the mean of its first batch. */
const statistics = (frames: readonly Frame[], kind: CovarianceKind): EmbeddingStatistics =>
  statisticsOver(frames, kind, Float32Array.from(frames[0] ?? new Float32Array(VALUES)));

const failureOf = (frames: readonly Frame[], kind: CovarianceKind, epsilon = 0.01) => {
  try {
    const seen = statistics(frames, kind);
    gaussianField(seen, { epsilon });
    checkVaries(seen);
  } catch (error) {
    const { code, message } = error as PatchwatchError;
    return { code, message };
  }
  return undefined;
};

describe.each(KINDS)('gaussianField, %s covariance', (kind) => {
  test('factor · factorᵀ is the inverse of the regularised covariance', () => {
    const all = statistics(noise(20), kind);
    const field = gaussianField(all, { epsilon: 0.01 });
    const d = DIMENSIONS;
    const matrices = kind === 'own' ? PATCHES : 1;
    expect(field.factor).toHaveLength(matrices * d * d);
    const covariance = new Float64Array(d * d);
    for (let patch = 0; patch < matrices; patch++) {
      all.covarianceInto(patch, covariance);
      const full = (i: number, j: number): number =>
        covariance[Math.max(i, j) * d + Math.min(i, j)]! + (i === j ? 0.01 : 0);
      const factor = (i: number, j: number): number => field.factor[(patch * d + i) * d + j]!;
      for (let i = 0; i < d; i++) {
        for (let j = 0; j < d; j++) {
          let product = 0;
          for (let k = 0; k < d; k++) {
            for (let l = 0; l < d; l++) product += full(i, k) * factor(k, l) * factor(j, l);
          }
          expect(product).toBeCloseTo(i === j ? 1 : 0, 5);
          if (j < i) expect(factor(i, j)).toBe(0);
        }
      }
    }
  });

  test('frames that never differ', () => {
    const frozen = Array.from({ length: 30 }, () => noise(1)[0]!);
    expect(failureOf(frozen, kind)).toMatchObject({
      code: 'FOOTAGE_CONSTANT',
      message: expect.stringContaining('all 30 frames are the same') as string,
    });
  });

  test.each([0, 1])('%i frames are too few', (count) => {
    expect(failureOf(noise(count), kind)?.code).toBe('FOOTAGE_TOO_SHORT');
  });

  test.each([NaN, Infinity, -Infinity])('an embedding of %d', (value) => {
    const frames = noise(10);
    frames[7]![DIMENSIONS + 3] = value;
    expect(failureOf(frames, kind)).toMatchObject({
      code: 'NUMBERS_NOT_FINITE',
      message: expect.stringContaining('patch 1 (row 0, column 1') as string,
    });
  });

  test('two channels that are one cannot be inverted without ε', () => {
    const frames = noise(10).map((frame) => frame.map((_, at) => frame[at - (at % DIMENSIONS)]!));
    expect(failureOf(frames, kind, 0)).toMatchObject({
      code: 'NUMBERS_NOT_FINITE',
      message: expect.stringContaining('not positive definite at channel 1') as string,
    });
    expect(failureOf(frames, kind)).toBeUndefined();
  });
});
