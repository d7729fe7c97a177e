// What is told of a segment's movement, as a flat list of numbers that needs no model to be read:
//   number of steps, whether frames were compared with the one before, number of limits, threshold of directions (0: none is known)
//   if frames were compared: for each region the share of it that changed, in thousandths
//   for each step and region: 0 where nothing moved in a direction, else how much speaks against it, in hundredths
//     above −10 (direction-histogram.ts)
//   for each limit: its place (span, window) and the logarithm of the share below which movement is absent
import { WINDOWS } from './movement-windows.ts';
import type { ShareLimit } from './movement-model.ts';
import { REGION_COUNT } from './regions.ts';
import { SPANS } from './running-shares.ts';
import { NO_EVIDENCE } from './direction-trail.ts';

/** Parts of a segment whose directions are told apart. */
export const MOST_STEPS = 5;

const HEADER = 4;
const SHARE_UNIT = 1_000;
const ODDS_UNIT = 100;
const ODDS_ZERO = 1_000;

export interface SegmentMovement {
  /** Share of each region that changed, mean of the frames; undefined where no frame has one before. */
  readonly shares: Float64Array | undefined;
  /** (step, region), NO_EVIDENCE where nothing moved in a direction. */
  readonly odds: Float64Array;
  /** Equal parts of the segment's time. */
  readonly stepCount: number;
  readonly directionThreshold: number | undefined;
  readonly limits: readonly ShareLimit[];
}

export const encodeMovement = (movement: SegmentMovement): number[] => {
  const { shares, odds, stepCount, directionThreshold, limits } = movement;
  return [
    ...[stepCount, shares === undefined ? 0 : 1, limits.length, directionThreshold ?? 0],
    ...Array.from(shares ?? [], (share) => Math.round(share * SHARE_UNIT)),
    ...Array.from(odds, (value) =>
      Number.isNaN(value) ? 0 : Math.max(1, Math.round(value * ODDS_UNIT) + ODDS_ZERO),
    ),
    ...limits.flatMap(({ place, value }) => [place, Math.round(value * 100) / 100]),
  ];
};

/** Undefined for what is no such list. */
export const decodeMovement = (measures: readonly number[]): SegmentMovement | undefined => {
  const [stepCount = -1, compared = 0, limitCount = -1, threshold = -1] = measures;
  const sharesEnd = HEADER + (compared > 0 ? REGION_COUNT : 0);
  const oddsEnd = sharesEnd + stepCount * REGION_COUNT;
  const isWhole =
    measures.length === oddsEnd + 2 * limitCount &&
    measures.every(Number.isFinite) &&
    ![stepCount, limitCount, threshold].some((value) => value < 0);
  if (!isWhole) return undefined;
  const limits = Array.from({ length: limitCount }, (_, index) => ({
    place: measures[oddsEnd + 2 * index] ?? 0,
    value: measures[oddsEnd + 2 * index + 1] ?? 0,
  }));
  const placeCount = SPANS.length * WINDOWS.length;
  if (limits.some(({ place }) => !Number.isInteger(place) || place < 0 || place >= placeCount)) {
    return undefined;
  }
  return {
    shares:
      compared > 0
        ? Float64Array.from(measures.slice(HEADER, sharesEnd), (share) => share / SHARE_UNIT)
        : undefined,
    odds: Float64Array.from(measures.slice(sharesEnd, oddsEnd), (value) =>
      value === 0 ? NO_EVIDENCE : (value - ODDS_ZERO) / ODDS_UNIT,
    ),
    stepCount,
    directionThreshold: threshold > 0 ? threshold : undefined,
    limits,
  };
};
