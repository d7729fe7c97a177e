// How a threshold came to be, for the fit report: what was asked for, what is predicted, what the footage can promise.
import type { ModelParts } from '../core/model-part.ts';
import type { AlertBudget } from '../padim/alert-budget.ts';
import { CHANGES_SHARE } from './part-learners.ts';

/** What is not for changes is for anomalies. */
export const anomalyShare = ({ stay }: ModelParts): number =>
  stay === undefined ? 1 : 1 - CHANGES_SHARE;

/** Of all cues together. @param wanted the budget asked for */
export const calibrationOf = (
  budget: AlertBudget,
  wanted: number,
  parts: ModelParts,
): Record<string, number | string> => {
  const changes = parts.stay?.numbers.predictedPerDay ?? 0;
  return {
    ...anomalyCalibration(budget, wanted),
    predictedPerDay: budget.predictedPerDay + changes,
    predictedLow: budget.predictedInterval[0] + changes,
    predictedHigh: budget.predictedInterval[1] + changes,
    smallestBudgetPerDay: budget.smallestBudget / anomalyShare(parts),
  };
};

const anomalyCalibration = (
  budget: AlertBudget,
  wanted: number,
): Record<string, number | string> => ({
  method: 'peaks over threshold, robust exponential tail, of held-out scores, two halves crossed',
  budgetPerDay: wanted,
  heldOutHours: budget.hours,
  neededHours: budget.neededHours,
  largestScore: budget.largestScore,
  tailShape: budget.tail.shape,
  tailScale: budget.tail.scale,
  tailPeaks: budget.peakCount,
  strangePeaks: budget.strangeCount,
  alertsInFootage: budget.alertsInFootage,
});
