import { describe, expect, test } from 'vitest';

import type { PatchwatchError } from '../../../src/core/errors.ts';
import { thresholdForBudget, type BudgetOptions } from '../../../src/padim/alert-budget.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';

const OPTIONS: BudgetOptions = {
  alertsPerDay: 100,
  framesPerSecond: 5,
  timing: { sustainFrames: 1, cooldownFrames: 5, hysteresis: 0.8 },
  seed: 0,
};

/** Stretches of 50 frames whose scores have an exponential tail. */
const stretches = (count: number): Float64Array[] => {
  const random = seededRandom(7);
  return Array.from({ length: count }, () =>
    Float64Array.from({ length: 50 }, () => 5 - Math.log(1 - random())),
  );
};

const failureOf = (scores: readonly Float64Array[]): PatchwatchError | undefined => {
  try {
    thresholdForBudget(scores, OPTIONS);
  } catch (error) {
    return error as PatchwatchError;
  }
  return undefined;
};

describe('thresholdForBudget', () => {
  test('a smaller budget gives no lower threshold, and no more alerts', () => {
    const scores = stretches(60);
    const budgets = [2_000, 500, 100, 10].map((alertsPerDay) =>
      thresholdForBudget(scores, { ...OPTIONS, alertsPerDay }),
    );
    budgets.slice(1).forEach(({ threshold, predictedPerDay }, index) => {
      expect(threshold).toBeGreaterThanOrEqual(budgets[index]!.threshold);
      expect(predictedPerDay).toBeLessThanOrEqual(budgets[index]!.predictedPerDay + 1e-9);
    });
  });

  test('what is predicted is what was asked for, where the footage reaches so far', () => {
    const budget = thresholdForBudget(stretches(60), OPTIONS);
    expect(budget.smallestBudget).toBeLessThan(OPTIONS.alertsPerDay);
    expect(budget.predictedPerDay).toBeCloseTo(OPTIONS.alertsPerDay, 3);
    expect(budget.hours).toBeCloseTo((60 * 50) / 5 / 3_600, 9);
    expect(budget.largestScore).toBe(Math.max(...stretches(60).flatMap((list) => [...list])));
  });

  test('one loud block in ten does not deafen', () => {
    const quiet = stretches(60);
    const loud = quiet.map((scores, index) =>
      index % 10 === 4 ? scores.map((score) => 40 + score) : scores,
    );
    const options = { ...OPTIONS, alertsPerDay: 500 };
    const before = thresholdForBudget(quiet, options);
    const after = thresholdForBudget(loud, options);
    expect(Math.abs(after.threshold / before.threshold - 1)).toBeLessThan(0.05);
    expect(after.alertsInFootage).toBeGreaterThanOrEqual(6);
    expect(before.alertsInFootage).toBeLessThan(4);
  });

  test('the less was seen, the less far it is believed', () => {
    const days = (count: number): number => (count * 50) / 5 / 86_400;
    const few = thresholdForBudget(stretches(2), { ...OPTIONS, alertsPerDay: 0.01 });
    const many = thresholdForBudget(stretches(60), { ...OPTIONS, alertsPerDay: 0.01 });
    expect(1 / (few.smallestBudget * days(2))).toBeLessThan(10);
    expect(1 / (many.smallestBudget * days(60))).toBeCloseTo(20, 6);
    expect(many.predictedPerDay).toBeCloseTo(many.smallestBudget, 6);
    expect(many.neededHours).toBeCloseTo(24 / (20 * 0.01), 6);
  });

  test('the same footage gives the same threshold and interval', () => {
    expect(thresholdForBudget(stretches(20), OPTIONS)).toEqual(
      thresholdForBudget(stretches(20), OPTIONS),
    );
  });

  test('too few frames', () => {
    expect(failureOf([new Float64Array(9)])?.code).toBe('FOOTAGE_TOO_SHORT');
    expect(failureOf([])?.code).toBe('FOOTAGE_TOO_SHORT');
  });

  test.each([NaN, Infinity, -Infinity])('a score of %d', (value) => {
    const scores = stretches(2);
    scores[1]![3] = value;
    const failure = failureOf(scores);
    expect(failure?.code).toBe('NUMBERS_NOT_FINITE');
    expect(failure?.message).toContain('held-out frame 53');
  });
});
