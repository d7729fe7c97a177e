// What a fit comes to, in words: what was seen, what can be promised at what budget, what is missing and what to do.
import type { SceneModelMetadata } from '../core/ports/model-store.ts';

type Facts = Pick<
  SceneModelMetadata,
  'threshold' | 'calibration' | 'trainingFrameCount' | 'heldOutFrameCount'
>;

/** Frames, minutes, and how much of it is independent. */
export const seenText = ({ calibration, trainingFrameCount, heldOutFrameCount }: Facts): string => {
  const { heldOutHours, effectiveFrames, coverage } = calibration;
  // Those that were held out stand for all of them.
  const hours = Number(heldOutHours) * (trainingFrameCount / Math.max(1, heldOutFrameCount));
  const independent = Math.min(trainingFrameCount, Math.round(Number(effectiveFrames)));
  return (
    `seen: ${trainingFrameCount} frames of ${duration(hours)}${leftOutText(calibration)}, ` +
    `worth ${independent} that are independent of each other` +
    (Number(coverage) > 0
      ? `; ${percent(Number(coverage))} of the frames look as other stretches of the footage had shown`
      : '')
  );
};

/** What was not learnt, if anything. */
const leftOutText = ({ stillsLeftOut = 0, repeatsLeftOut = 0 }: Facts['calibration']): string => {
  const parts = [
    Number(stillsLeftOut) > 0 ? `${Math.round(Number(stillsLeftOut))} without change` : '',
    Number(repeatsLeftOut) > 0 ? `${Number(repeatsLeftOut)} seen before` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` (left out: ${parts.join(', ')})`;
};

/** False alerts to expect, at the budget asked for or the smallest that the footage can promise. */
export const promiseText = ({ threshold, calibration }: Facts): string => {
  const { budgetPerDay, predictedPerDay, predictedLow, predictedHigh } = calibration;
  const wanted = perDay(Number(budgetPerDay));
  const expected =
    `can be promised: about ${perDay(Number(predictedPerDay))} false alerts a day ` +
    `(90 % interval ${perDay(Number(predictedLow))} to ${perDay(Number(predictedHigh))}) at the threshold ${threshold.toFixed(1)}`;
  return isLongEnough(calibration)
    ? `${expected}; alert.budget allows ${wanted}`
    : `${expected}; not yet the ${wanted} a day of alert.budget`;
};

/** From this share of frames on, more footage changes little. */
const ENOUGH = 0.95;

const isLongEnough = ({ budgetPerDay, smallestBudgetPerDay }: Facts['calibration']): boolean =>
  Number(budgetPerDay) >= Number(smallestBudgetPerDay);

/** How much more footage, and of what. */
export const missingText = ({ calibration }: Facts): string => {
  const { budgetPerDay, smallestBudgetPerDay, heldOutHours, coverage } = calibration;
  const hours = Number(heldOutHours);
  const inProportion = (hours * Number(smallestBudgetPerDay)) / Number(budgetPerDay);
  // Models of before know no better than in proportion.
  const neededHours = Math.max(hours, Number(calibration.neededHours ?? inProportion));
  const isVaried = Number(coverage) >= ENOUGH;
  const place = `x ${percent(Number(calibration.newestX))}, y ${percent(Number(calibration.newestY))}`;
  const wanting = [
    isLongEnough(calibration)
      ? ''
      : `length: ${perDay(Number(budgetPerDay))} a day take ${duration(neededHours)} of footage in all`,
    isVaried ? '' : `variety: what is normal was seen too seldom, most of all at ${place}`,
  ].filter((part) => part !== '');
  if (wanting.length === 0) return 'missing: nothing, the scene has been seen enough';
  const what = isVaried ? 'more footage' : 'footage of other hours';
  return `missing: ${wanting.join('; and ')}; add ${what} with fit --extend`;
};

/** Rounded down: what reads as enough is enough. */
export const percent = (share: number): string => `${Math.floor(share * 100 + 1e-9)} %`;

const perDay = (count: number): string =>
  count >= 10 ? String(Math.round(count)) : String(Number(count.toPrecision(2)));

const duration = (hours: number): string => {
  const seconds = hours * 3_600;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return hours < 2 ? `${Math.round(hours * 60)} min` : `${hours.toFixed(1)} h`;
};
