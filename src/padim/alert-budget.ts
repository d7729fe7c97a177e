// The alert threshold from normal footage alone: at most so many false alerts a day. The tail of what normal frames
// score is described by peaks over a level and a generalised Pareto distribution, so that the threshold can lie
// beyond all that was seen; how far beyond is bounded by how much was seen.
import { PatchwatchError } from '../core/errors.ts';
import { alertLevels, alertPeaks, type AlertTiming } from './alert-levels.ts';
import { excessAt, fitTail, survival, type GeneralisedPareto } from './maths/generalised-pareto.ts';
import { seededRandom } from './maths/random.ts';

/** Fewer held-out frames say nothing about the upper tail. */
const FEWEST_FRAMES = 10;
/** Peaks the tail is fitted to, if there are so many. */
const WANTED_PEAKS = 40;
/**
 * A threshold may be as rare as one alert in so many times the footage: half as many as there are peaks, within these
 * bounds. Further out the tail is mere belief.
 */
const FURTHEST = { peakShare: 0.5, least: 3, most: 20 };
const RESAMPLES = 200;
const HOURS_PER_DAY = 24;

export interface BudgetOptions {
  /** False alerts a day that are acceptable. */
  readonly alertsPerDay: number;
  readonly framesPerSecond: number;
  readonly timing: AlertTiming;
  readonly seed: number;
}

export interface AlertBudget {
  readonly threshold: number;
  /** At this threshold, with a 90 % interval from resampling the footage. */
  readonly predictedPerDay: number;
  readonly predictedInterval: readonly [number, number];
  /** Hours of held-out footage. */
  readonly hours: number;
  /** Below this budget the footage is too short: the threshold is then set for this one. */
  readonly smallestBudget: number;
  /** Hours of footage that can vouch for the budget asked for, if they show as much as usual. */
  readonly neededHours: number;
  readonly largestScore: number;
  readonly tail: GeneralisedPareto;
  readonly peakCount: number;
  /** Peaks that were left out, so far do they lie beyond the others. */
  readonly strangeCount: number;
  /** Alerts that the held-out footage itself would have raised. */
  readonly alertsInFootage: number;
}

interface Tail {
  readonly level: number;
  readonly pareto: GeneralisedPareto;
  readonly peakCount: number;
  readonly strangeCount: number;
  readonly peaksPerDay: number;
}

/**
 * @param stretches scores of held-out normal frames, smoothed as they will be, one list for each run of
 * consecutive frames
 * @throws PatchwatchError FOOTAGE_TOO_SHORT, NUMBERS_NOT_FINITE
 */
export const thresholdForBudget = (
  stretches: readonly Float64Array[],
  options: BudgetOptions,
): AlertBudget => {
  checkScores(stretches);
  const { alertsPerDay, framesPerSecond, timing } = options;
  const levels = stretches.map((scores) => alertLevels(scores, timing));
  const frames = stretches.reduce((sum, scores) => sum + scores.length, 0);
  const days = frames / framesPerSecond / 86_400;
  const tail = tailOf(levels, days, timing);
  const smallestBudget = 1 / (furthestOf(tail.peakCount) * days);
  const perDay = Math.max(alertsPerDay, smallestBudget);
  const share = perDay / tail.peaksPerDay;
  const threshold = share >= 1 ? tail.level : tail.level + excessAt(tail.pareto, share);
  return {
    threshold,
    predictedPerDay: perDayAbove(tail, threshold),
    predictedInterval: resampledInterval(levels, days, threshold, options),
    hours: days * HOURS_PER_DAY,
    smallestBudget,
    neededHours: HOURS_PER_DAY / (FURTHEST.most * alertsPerDay),
    largestScore: Math.max(...stretches.map((scores) => scores.reduce((a, b) => Math.max(a, b)))),
    tail: tail.pareto,
    peakCount: tail.peakCount,
    strangeCount: tail.strangeCount,
    alertsInFootage: levels.reduce(
      (sum, list) => sum + alertPeaks(list, threshold, timing).length,
      0,
    ),
  };
};

/** How many times the footage so many peaks can speak for. */
const furthestOf = (peakCount: number): number =>
  Math.min(FURTHEST.most, Math.max(FURTHEST.least, FURTHEST.peakShare * peakCount));

const perDayAbove = ({ level, pareto, peaksPerDay }: Tail, threshold: number): number =>
  peaksPerDay * survival(pareto, threshold - level);

/** The level is lowered until enough alerts would open over it. */
const tailOf = (levels: readonly Float64Array[], days: number, timing: AlertTiming): Tail => {
  const sorted = Float64Array.from(
    quietest(levels).flatMap((list) => [...list].filter(Number.isFinite)),
  ).sort();
  let best: { level: number; peaks: readonly number[] } = { level: sorted[0] ?? 0, peaks: [] };
  for (const quantile of [0.99, 0.98, 0.96, 0.93, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5]) {
    const level = sorted[Math.floor(quantile * (sorted.length - 1))] ?? 0;
    const peaks = levels.flatMap((list) => alertPeaks(list, level, timing));
    if (peaks.length > best.peaks.length) best = { level, peaks };
    if (peaks.length >= WANTED_PEAKS) break;
  }
  const excesses = Float64Array.from(best.peaks, (peak) => peak - best.level + 1e-9);
  const { pareto, count, strangeCount } =
    excesses.length > 0 ? fitTail(excesses) : { ...tailAround(best.level), ...NO_PEAKS };
  // Nothing seen still leaves room for some (half an alert, as Jeffreys' prior).
  const peaksPerDay = Math.max(0.5, count) / days;
  return { level: best.level, pareto, peakCount: count, strangeCount, peaksPerDay };
};

const NO_PEAKS = { count: 0, strangeCount: 0 };

const tailAround = (level: number): { readonly pareto: GeneralisedPareto } => ({
  pareto: { shape: 0, scale: Math.max(1e-6, Math.abs(level) / 10) },
});

/** All stretches but the loudest tenth: what happened once must not set where the tail begins. */
const quietest = (levels: readonly Float64Array[]): readonly Float64Array[] => {
  const largest = (list: Float64Array): number => list.reduce((a, b) => Math.max(a, b), -Infinity);
  const left = levels.length - Math.floor(levels.length / 10);
  return [...levels].sort((a, b) => largest(a) - largest(b)).slice(0, left);
};

/** 5 % and 95 % of the prediction at a fixed threshold, stretches drawn with replacement. */
const resampledInterval = (
  levels: readonly Float64Array[],
  days: number,
  threshold: number,
  { timing, seed }: BudgetOptions,
): readonly [number, number] => {
  const random = seededRandom(seed);
  const predictions = Float64Array.from({ length: RESAMPLES }, () => {
    const drawn = levels.map(() => levels[Math.floor(random() * levels.length)]!);
    return perDayAbove(tailOf(drawn, days, timing), threshold);
  }).sort();
  return [predictions[Math.floor(RESAMPLES * 0.05)]!, predictions[Math.floor(RESAMPLES * 0.95)]!];
};

const checkScores = (stretches: readonly Float64Array[]): void => {
  const scores = stretches.flatMap((list) => [...list]);
  if (scores.length < FEWEST_FRAMES) {
    throw new PatchwatchError(
      'FOOTAGE_TOO_SHORT',
      `${scores.length} held-out frames are too few for a threshold: at least ${FEWEST_FRAMES} are needed, which takes some 100 frames of footage`,
    );
  }
  const index = scores.findIndex((score) => !Number.isFinite(score));
  if (index >= 0) {
    throw new PatchwatchError(
      'NUMBERS_NOT_FINITE',
      `held-out frame ${index} scored ${String(scores[index])}: the ignore polygons cover the whole picture, or the backbone gives no numbers`,
    );
  }
};
