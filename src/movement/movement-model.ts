// What a scene's model knows of movement, and how it is kept as a part of the model.
import { singleArray, type ModelPart } from '../core/model-part.ts';
import { HISTOGRAM_LENGTH, BIN_COUNT } from './direction-histogram.ts';
import type { LearntDirections } from './direction-learner.ts';
import { WINDOWS } from './movement-windows.ts';
import { REGION_COUNT } from './regions.ts';
import { SPANS } from './running-shares.ts';
import { LIMIT_COUNT, NO_LIMIT } from './stillness-learner.ts';

/** Limits that fit in what is told of a segment; the others are those whose absence would take longest to be told. */
export const MOST_LIMITS = 256;

/** Below which the logarithm of a running share is absence. */
export interface ShareLimit {
  /** (span, window), row-major. */
  readonly place: number;
  readonly value: number;
}

export interface MovementModel {
  readonly directions: LearntDirections | undefined;
  readonly limits: readonly ShareLimit[];
}

export const movementPart = (
  directions: LearntDirections | undefined,
  limits: Float32Array,
): ModelPart => ({
  numbers: { directionThreshold: directions?.threshold ?? 0 },
  arrays: {
    odds: singleArray(
      [REGION_COUNT, BIN_COUNT],
      directions?.odds ?? new Float32Array(HISTOGRAM_LENGTH),
    ),
    limits: singleArray([SPANS.length, WINDOWS.length], limits),
  },
});

/** @throws RangeError for a part that is not what `movementPart` makes */
export const movementModelOf = ({ numbers, arrays }: ModelPart): MovementModel => {
  const odds = arrays['odds']?.values;
  const limits = arrays['limits']?.values;
  const threshold = numbers['directionThreshold'] ?? -1;
  if (odds?.length !== HISTOGRAM_LENGTH || limits?.length !== LIMIT_COUNT || threshold < 0) {
    throw new RangeError('the model’s movement does not fit this version: learn the scene again');
  }
  return {
    directions: threshold > 0 ? { odds, threshold } : undefined,
    limits: soonest(limits),
  };
};

const soonest = (limits: Float32Array): readonly ShareLimit[] =>
  Array.from(limits, (value, place) => ({ place, value }))
    .filter(({ value }) => value !== NO_LIMIT)
    .sort((a, b) => secondsUntil(a) - secondsUntil(b))
    .slice(0, MOST_LIMITS);

/** How long movement must be gone to be told absent, at most. */
const secondsUntil = ({ place, value }: ShareLimit): number =>
  -value * (SPANS[Math.floor(place / WINDOWS.length)] ?? Infinity);
