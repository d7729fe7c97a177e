import { describe, expect, test } from 'vitest';

import { missingText, promiseText, seenText } from '../../../src/cli/fit-report-text.ts';

const LONG = {
  threshold: 11.94,
  trainingFrameCount: 21_600,
  heldOutFrameCount: 10_800,
  calibration: {
    budgetPerDay: 2,
    predictedPerDay: 1.96,
    predictedLow: 0.31,
    predictedHigh: 12.4,
    heldOutHours: 0.6,
    smallestBudgetPerDay: 1,
    effectiveFrames: 641.3,
    coverage: 0.97,
    newestX: 0.98,
    newestY: 0.58,
    stillsLeftOut: 900,
    repeatsLeftOut: 120,
  },
};
const SHORT = {
  ...LONG,
  trainingFrameCount: 240,
  heldOutFrameCount: 240,
  calibration: {
    ...LONG.calibration,
    ...{ heldOutHours: 0.0133, smallestBudgetPerDay: 90, predictedPerDay: 90 },
    ...{ coverage: 0.949, stillsLeftOut: 0, repeatsLeftOut: 0 },
  },
};

describe('enough footage', () => {
  test('seen: frames, hours of all of it and not of what was held out, what was left out', () => {
    expect(seenText(LONG)).toBe(
      'seen: 21600 frames of 72 min (left out: 900 without change, 120 seen before), worth 641 that are independent ' +
        'of each other; 97 % of the frames look as other stretches of the footage had shown',
    );
  });

  test('promised and missing don’t contradict each other', () => {
    expect(promiseText(LONG)).toBe(
      'can be promised: about 2 false alerts a day (90 % interval 0.31 to 12) at the threshold 11.9; alert.budget allows 2',
    );
    expect(missingText(LONG)).toBe('missing: nothing, the scene has been seen enough');
  });
});

describe('too little', () => {
  test('what can be promised, and not what was asked for', () => {
    expect(promiseText(SHORT)).toMatch(
      /^can be promised: about 90 .*; not yet the 2 a day of alert\.budget$/,
    );
  });

  test('both that is missing, and what to do', () => {
    expect(missingText(SHORT)).toBe(
      'missing: length: 2 a day take 36 min of footage in all; and variety: what is normal was seen too seldom, most ' +
        'of all at x 98 %, y 58 %; add footage of other hours with fit --extend',
    );
  });

  test('varied but short: nobody is told that it was seen enough', () => {
    const calibration = { ...SHORT.calibration, coverage: 0.97 };
    expect(missingText({ ...SHORT, calibration })).toBe(
      'missing: length: 2 a day take 36 min of footage in all; add more footage with fit --extend',
    );
  });

  test('no more independent frames than frames; no coverage where none could be measured', () => {
    const calibration = { ...SHORT.calibration, coverage: 0 };
    expect(seenText({ ...SHORT, calibration })).toBe(
      'seen: 240 frames of 48 s, worth 240 that are independent of each other',
    );
  });
});
