import { describe, expect, test } from 'vitest';

import { meanOfRuns, type EvaluationRun } from '../../../src/evaluation/mean-of-runs.ts';

const run = (changes: Partial<EvaluationRun>): EvaluationRun => ({
  dataset: 'scene',
  seed: 0,
  footageKind: 'video',
  shrinkage: 0,
  trainFrames: 100,
  testFrames: 50,
  frameAuroc: 0.9,
  pixelAuroc: 0.95,
  pixelAurocError: 1e-5,
  proScore: 0.8,
  falseAlertsPerHour: 6,
  eventRecall: 0.9,
  fitSeconds: 2,
  fitFramesPerSecond: 50,
  scoreFramesPerSecond: 40,
  modelBytes: 1_000,
  ...changes,
});

describe('meanOfRuns', () => {
  test('one run is its own mean, without a deviation', () => {
    const only = run({ proScore: null });
    expect(meanOfRuns([only])).toBe(only);
  });

  test('what is measured is averaged, with the sample deviation of the accuracies', () => {
    const result = meanOfRuns([
      run({ frameAuroc: 0.8, falseAlertsPerHour: 2, eventRecall: 0.9, fitSeconds: 1 }),
      run({ frameAuroc: 0.9, falseAlertsPerHour: 4, eventRecall: 1, fitSeconds: 3 }),
      run({ frameAuroc: 1, falseAlertsPerHour: 12, eventRecall: 0.95, fitSeconds: 5 }),
    ]);
    expect(result.frameAuroc).toBeCloseTo(0.9, 12);
    expect(result).toHaveProperty('frameAurocDeviation', expect.closeTo(0.1, 12));
    expect(result).toHaveProperty('pixelAurocDeviation', expect.closeTo(0, 12));
    expect(result.falseAlertsPerHour).toBeCloseTo(6, 12);
    expect(result.eventRecall).toBeCloseTo(0.95, 12);
    expect(result.fitSeconds).toBeCloseTo(3, 12);
  });

  test('frames are added up, and the largest model counts', () => {
    expect(
      meanOfRuns([
        run({ trainFrames: 10, testFrames: 3, modelBytes: 70 }),
        run({ trainFrames: 5, testFrames: 4, modelBytes: 90 }),
        run({ trainFrames: 1, testFrames: 5, modelBytes: 20 }),
      ]),
    ).toMatchObject({ trainFrames: 16, testFrames: 12, modelBytes: 90 });
  });

  test('a run that could not be measured counts for nothing', () => {
    const result = meanOfRuns([
      run({ proScore: null, frameAuroc: null, falseAlertsPerHour: null }),
      run({ proScore: 0.6, frameAuroc: null, falseAlertsPerHour: 8 }),
      run({ proScore: 0.8, frameAuroc: 0.7, falseAlertsPerHour: 4 }),
    ]);
    expect(result.proScore).toBeCloseTo(0.7, 12);
    expect(result).toHaveProperty('proScoreDeviation', expect.closeTo(Math.SQRT1_2 / 5, 12));
    expect(result.frameAuroc).toBe(0.7);
    expect(result).toHaveProperty('frameAurocDeviation', null);
    expect(result.falseAlertsPerHour).toBe(6);
  });

  test('what no run could measure is null, not zero', () => {
    const result = meanOfRuns([
      run({ pixelAuroc: null, pixelAurocError: null, eventRecall: null }),
      run({ pixelAuroc: null, pixelAurocError: null, eventRecall: null }),
    ]);
    expect(result).toMatchObject({ pixelAuroc: null, pixelAurocError: null, eventRecall: null });
    expect(result).toHaveProperty('pixelAurocDeviation', null);
  });

  test('a mean cannot be further off than the runs are on average', () => {
    const result = meanOfRuns([run({ pixelAurocError: 1e-6 }), run({ pixelAurocError: 3e-6 })]);
    expect(result.pixelAurocError).toBeCloseTo(2e-6, 12);
  });

  test('what the footage was taken for is told where the runs agree', () => {
    const shrunk = (shrinkage: number) => run({ footageKind: 'stills', shrinkage });
    expect(meanOfRuns([shrunk(30), shrunk(30)])).toMatchObject({
      footageKind: 'stills',
      shrinkage: 30,
    });
    expect(meanOfRuns([shrunk(30), shrunk(7)])).toMatchObject({
      footageKind: 'stills',
      shrinkage: null,
    });
    expect(meanOfRuns([run({}), shrunk(7)])).toMatchObject({ footageKind: null, shrinkage: null });
  });

  test('without a run there is nothing to report', () => {
    expect(() => meanOfRuns([])).toThrow(RangeError);
  });
});
