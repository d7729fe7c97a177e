// The parts of the picture whose movement is watched as one: each region, and all squares of 2 × 2, 4 × 4 and 8 × 8
// regions that overlap by half. A road may be empty in every region at some time and never as a whole.
import { REGION_SIDE } from './regions.ts';
import type { Region } from '../core/place.ts';

export interface MovementWindow {
  /** Of regions. */
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

const squaresOf = (side: number): readonly MovementWindow[] => {
  const step = Math.max(1, side / 2);
  const places = Array.from({ length: (REGION_SIDE - side) / step + 1 }, (_, at) => at * step);
  return places.flatMap((top) => places.map((left) => ({ left, top, side })));
};

export const WINDOWS: readonly MovementWindow[] = [1, 2, 4, 8].flatMap(squaresOf);

/** In fractions of the frame. */
export const windowRegion = ({ left, top, side }: MovementWindow): Region => ({
  x: left / REGION_SIDE,
  y: top / REGION_SIDE,
  width: side / REGION_SIDE,
  height: side / REGION_SIDE,
});

export const regionsOf = ({ left, top, side }: MovementWindow): readonly number[] =>
  Array.from(
    { length: side * side },
    (_, at) => (top + Math.floor(at / side)) * REGION_SIDE + left + (at % side),
  );

/** Mean of a window's regions. @param values a number a region, from place `from` on */
export const windowMean = (
  values: ArrayLike<number>,
  from: number,
  { left, top, side }: MovementWindow,
): number => {
  let sum = 0;
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++) sum += values[from + y * REGION_SIDE + x] ?? 0;
  }
  return sum / (side * side);
};
