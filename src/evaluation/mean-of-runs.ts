// Several scenes or seeds as one result: means of what is measured, and how far they deviate.
import type { EvaluationResult } from './evaluate-dataset.ts';

export interface EvaluationRun extends EvaluationResult {
  readonly dataset: string;
  readonly seed: number;
}

const ACCURACY = ['frameAuroc', 'pixelAuroc', 'proScore'] as const;
/** The mean's bound is the mean of the bounds. */
const REST = ['pixelAurocError', 'falseAlertsPerHour', 'eventRecall'] as const;
const SPEED = ['fitSeconds', 'fitFramesPerSecond', 'scoreFramesPerSecond'] as const;

const meanOf = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
};

/** Sample standard deviation; null with one value. */
const deviationOf = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  const mean = meanOf(known) ?? 0;
  if (known.length < 2) return null;
  return Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (known.length - 1));
};

/** What all runs have in common; null where they differ. */
const sharedBy = <T>(values: readonly (T | null)[]): T | null => {
  const [first = null] = values;
  return values.every((value) => value === first) ? first : null;
};

/** What evaluation reports of the runs together: with one, that one. */
export const meanOfRuns = (runs: readonly EvaluationRun[]): EvaluationResult => {
  const [first] = runs;
  if (first === undefined) throw new RangeError('no run to report');
  if (runs.length === 1) return first;
  const means: Record<string, number | null> = {};
  for (const name of [...ACCURACY, ...REST, ...SPEED]) {
    means[name] = meanOf(runs.map((run) => run[name]));
  }
  for (const name of ACCURACY) {
    means[`${name}Deviation`] = deviationOf(runs.map((run) => run[name]));
  }
  return {
    ...first,
    footageKind: sharedBy(runs.map((run) => run.footageKind)),
    shrinkage: sharedBy(runs.map((run) => run.shrinkage)),
    trainFrames: runs.reduce((sum, run) => sum + run.trainFrames, 0),
    testFrames: runs.reduce((sum, run) => sum + run.testFrames, 0),
    modelBytes: Math.max(...runs.map((run) => run.modelBytes)),
    ...means,
  };
};
