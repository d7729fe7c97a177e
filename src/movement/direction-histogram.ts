// In which directions each region has moved, and how much a direction speaks against what was normal there.
import { DIRECTION_STEPS, NO_DIRECTION } from './region-directions.ts';
import { REGION_COUNT, REGION_SIDE } from './regions.ts';

export const BIN_COUNT = 8;
export const HISTOGRAM_LENGTH = REGION_COUNT * BIN_COUNT;

const STEPS_PER_BIN = DIRECTION_STEPS / BIN_COUNT;
/** Seconds of movement, a passer-by or two: before as much was seen, every direction is about as likely. */
const PRIOR_SECONDS = 3;
/** What moves in the next region, or next but one bin, would as well do so here. */
const NEIGHBOUR_WEIGHT = 0.5;

/** Adds a frame that stands for `seconds` to a histogram, (region, bin), in seconds. */
export const addDirections = (
  histogram: Float64Array,
  directions: Uint8Array,
  from: number,
  seconds: number,
): void => {
  for (let region = 0; region < REGION_COUNT; region++) {
    const direction = directions[from + region] ?? NO_DIRECTION;
    if (direction === NO_DIRECTION) continue;
    const bin = Math.floor(direction / STEPS_PER_BIN);
    const share = direction / STEPS_PER_BIN - bin;
    const [low, high] = [region * BIN_COUNT + bin, region * BIN_COUNT + ((bin + 1) % BIN_COUNT)];
    histogram[low] = (histogram[low] ?? 0) + seconds * (1 - share);
    histogram[high] = (histogram[high] ?? 0) + seconds * share;
  }
};

/**
 * (region, bin) logarithms of how many times less likely a direction is than if all were alike, from what was seen there
 * and next to it: near 0 where nothing or everything was seen, below 0 for the usual way, above for the wrong one.
 */
export const directionOdds = (histogram: Float64Array): Float32Array => {
  const pooled = poolBins(poolRegions(histogram));
  const odds = new Float32Array(HISTOGRAM_LENGTH);
  for (let region = 0; region < REGION_COUNT; region++) {
    const own = pooled.subarray(region * BIN_COUNT, (region + 1) * BIN_COUNT);
    const total = own.reduce((sum, seconds) => sum + seconds, 0) + PRIOR_SECONDS;
    own.forEach((seconds, bin) => {
      const likely = (seconds + PRIOR_SECONDS / BIN_COUNT) / total;
      odds[region * BIN_COUNT + bin] = -Math.log(BIN_COUNT * likely);
    });
  }
  return odds;
};

/** Between the two nearest bins. @param direction not NO_DIRECTION */
export const oddsOf = (odds: Float32Array, region: number, direction: number): number => {
  const bin = Math.floor(direction / STEPS_PER_BIN);
  const share = direction / STEPS_PER_BIN - bin;
  const low = odds[region * BIN_COUNT + bin] ?? 0;
  const high = odds[region * BIN_COUNT + ((bin + 1) % BIN_COUNT)] ?? 0;
  return low * (1 - share) + high * share;
};

const poolRegions = (histogram: Float64Array): Float64Array => {
  const pooled = new Float64Array(HISTOGRAM_LENGTH);
  for (let place = 0; place < HISTOGRAM_LENGTH; place++) {
    const region = Math.floor(place / BIN_COUNT);
    const bin = place % BIN_COUNT;
    const [x, y] = [region % REGION_SIDE, Math.floor(region / REGION_SIDE)];
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const [nx, ny] = [x + dx, y + dy];
        if (nx < 0 || ny < 0 || nx >= REGION_SIDE || ny >= REGION_SIDE) continue;
        const seconds = histogram[(ny * REGION_SIDE + nx) * BIN_COUNT + bin] ?? 0;
        const weight = NEIGHBOUR_WEIGHT ** (Math.abs(dx) + Math.abs(dy));
        pooled[place] = (pooled[place] ?? 0) + weight * seconds;
      }
    }
  }
  return pooled;
};

const poolBins = (histogram: Float64Array): Float64Array =>
  histogram.map((seconds, place) => {
    const first = place - (place % BIN_COUNT);
    const around = [1, BIN_COUNT - 1].map(
      (step) => histogram[first + ((place + step) % BIN_COUNT)] ?? 0,
    );
    const beside = (around[0] ?? 0) + (around[1] ?? 0);
    return (seconds + NEIGHBOUR_WEIGHT * beside) / (1 + 2 * NEIGHBOUR_WEIGHT);
  });
