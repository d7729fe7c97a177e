// What a fit comes to, in words: how many false alerts, how sure that is, and when the footage is too short for it; whether the
// scene has been seen enough.
import type { SceneModelMetadata } from '../core/ports/model-store.ts';

/** One or two lines for people. */
export const calibrationText = ({
  threshold,
  calibration,
}: Pick<SceneModelMetadata, 'threshold' | 'calibration'>): readonly string[] => {
  const { budgetPerDay, predictedPerDay, predictedLow, predictedHigh } = calibration;
  const { smallestBudgetPerDay, heldOutHours } = calibration;
  const wanted = Number(budgetPerDay);
  const possible = Number(smallestBudgetPerDay);
  const predicted =
    `threshold ${threshold.toFixed(1)}: ${perDay(Number(predictedPerDay))} false alerts a day predicted ` +
    `(90 % interval ${perDay(Number(predictedLow))} to ${perDay(Number(predictedHigh))}), at most ${perDay(wanted)} asked for`;
  if (wanted >= possible) return [predicted];
  const hours = Number(heldOutHours);
  return [
    predicted,
    `the footage is too short for that: ${duration(hours)} of it can't vouch for fewer than ${perDay(possible)} a day; ` +
      `learn from ${duration((hours * possible) / wanted)} or more`,
  ];
};

/** From this share of covered frames on, more footage changes little. */
const ENOUGH = 0.95;

/** Whether the scene has been seen enough, and why. */
export const coverageText = ({
  trainingFrameCount,
  calibration,
}: Pick<SceneModelMetadata, 'trainingFrameCount' | 'calibration'>): string => {
  const { coverage, effectiveFrames, newestX, newestY, stillsLeftOut } = calibration;
  const stills = Number(stillsLeftOut);
  const worth =
    `${trainingFrameCount} frames${stills > 0 ? ` (and ${Math.round(stills)} stills left out)` : ''} ` +
    `are worth ${Math.round(Number(effectiveFrames))} independent ones`;
  const share = `coverage ${percent(Number(coverage))}: so many frames that were not learnt look like those that were`;
  if (Number(coverage) >= ENOUGH) return `${worth}; ${share}: the scene has been seen enough`;
  const place = `x ${percent(Number(newestX))}, y ${percent(Number(newestY))}`;
  return `${worth}; ${share}: extend the fit with more footage (most was new at ${place})`;
};

/** Rounded down: what reads as enough is enough. */
const percent = (share: number): string => `${Math.floor(share * 100 + 1e-9)} %`;

const perDay = (count: number): string =>
  count >= 10 ? String(Math.round(count)) : String(Number(count.toPrecision(2)));

const duration = (hours: number): string => {
  const seconds = hours * 3_600;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return hours < 2 ? `${Math.round(hours * 60)} min` : `${hours.toFixed(1)} h`;
};
