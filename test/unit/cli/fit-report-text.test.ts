import { describe, expect, test } from 'vitest';

import { calibrationText, coverageText } from '../../../src/cli/calibration-text.ts';

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

describe('coverage', () => {
  const known = { ...calibration, effectiveFrames: 41.3, newestX: 0.98, newestY: 0.58 };

  test('too little, and where to look', () => {
    const seen = { ...known, coverage: 0.949, stillsLeftOut: 0 };
    expect(coverageText({ trainingFrameCount: 120, calibration: seen })).toBe(
      '120 frames are worth 41 independent ones; coverage 94 %: so many frames that were not learnt look like those ' +
        'that were: extend the fit with more footage (most was new at x 98 %, y 58 %)',
    );
  });

  test('enough', () => {
    const seen = { ...known, coverage: 0.97, stillsLeftOut: 900 };
    expect(coverageText({ trainingFrameCount: 1_200, calibration: seen })).toMatch(
      /^1200 frames \(and 900 stills left out\) are worth .*: the scene has been seen enough$/,
    );
  });
});
