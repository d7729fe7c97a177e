import { expect, test } from 'vitest';

import { calibrationText } from '../../../src/cli/calibration-text.ts';

const calibration = {
  budgetPerDay: 2,
  predictedPerDay: 1.96,
  predictedLow: 0.31,
  predictedHigh: 12.4,
  heldOutHours: 1.2,
  smallestBudgetPerDay: 1,
};

test('enough footage: the prediction with its interval', () => {
  expect(calibrationText({ threshold: 11.94, calibration })).toEqual([
    'threshold 11.9: 2 false alerts a day predicted (90 % interval 0.31 to 12), at most 2 asked for',
  ]);
});

test('too little: what it can vouch for, and how much would be enough', () => {
  const short = { ...calibration, heldOutHours: 0.0133, smallestBudgetPerDay: 90 };
  const [, limit] = calibrationText({ threshold: 11.94, calibration: short });
  expect(limit).toBe(
    "the footage is too short for that: 48 s of it can't vouch for fewer than 90 a day; learn from 36 min or more",
  );
});
