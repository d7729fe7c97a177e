import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { rocAuc } from '../../../../src/evaluation/measures/roc-auc.ts';
import { bytes, floats, goldens } from './goldens.ts';

const scored = fc
  .array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.boolean()), { minLength: 2, maxLength: 60 })
  .filter((pairs) => new Set(pairs.map(([, label]) => label)).size === 2)
  .map((pairs) => ({
    scores: Float32Array.from(pairs, ([score]) => score / 4),
    labels: Uint8Array.from(pairs, ([, label]) => Number(label)),
  }));

describe('equals scikit-learn', () => {
  test.each(goldens().auroc)('$name', ({ scores, labels, auroc }) => {
    expect(rocAuc(floats(scores), bytes(labels))).toBeCloseTo(auroc, 12);
    expect(rocAuc(Float64Array.from(floats(scores)), bytes(labels))).toBeCloseTo(auroc, 12);
  });
});

test('is the share of pairs ordered rightly', () => {
  fc.assert(
    fc.property(scored, ({ scores, labels }) => {
      let won = 0;
      let pairs = 0;
      scores.forEach((high, i) => {
        scores.forEach((low, j) => {
          if (labels[i] === 0 || labels[j] !== 0) return;
          pairs += 1;
          won += high > low ? 1 : high === low ? 0.5 : 0;
        });
      });
      expect(rocAuc(scores, labels)).toBeCloseTo(won / pairs, 12);
    }),
  );
});

test('does not change under what keeps the order', () => {
  fc.assert(
    fc.property(scored, ({ scores, labels }) => {
      const auroc = rocAuc(scores, labels);
      expect(
        rocAuc(
          scores.map((score) => 3 * score - 100),
          labels,
        ),
      ).toBe(auroc);
      expect(
        rocAuc(
          scores.map((score) => Math.exp(score / 4)),
          labels,
        ),
      ).toBe(auroc);
    }),
  );
});

test('swapping the classes, or the sign, gives the complement', () => {
  fc.assert(
    fc.property(scored, ({ scores, labels }) => {
      const complement = 1 - (rocAuc(scores, labels) ?? NaN);
      expect(
        rocAuc(
          scores,
          labels.map((label) => 1 - label),
        ),
      ).toBeCloseTo(complement, 12);
      expect(
        rocAuc(
          scores.map((score) => -score),
          labels,
        ),
      ).toBeCloseTo(complement, 12);
    }),
  );
});

test('is null where one class is missing', () => {
  expect(rocAuc(Float32Array.of(1, 2), Uint8Array.of(1, 1))).toBeNull();
  expect(rocAuc(Float32Array.of(1, 2), Uint8Array.of(0, 0))).toBeNull();
  expect(rocAuc(new Float32Array(0), new Uint8Array(0))).toBeNull();
});

test('refuses scores that are no numbers', () => {
  for (const score of [NaN, Infinity, -Infinity]) {
    expect(() => rocAuc(Float32Array.of(1, score), Uint8Array.of(0, 1))).toThrow(
      expect.objectContaining({ code: 'NUMBERS_NOT_FINITE' }) as Error,
    );
  }
});
