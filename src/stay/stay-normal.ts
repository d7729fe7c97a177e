// What is normal for what stays: how far slow pictures of other minutes lie from the states at each position, and the threshold
// that a stated number of false changes a day gives.
import { gumbelTail, quantile, type UsualBlocks } from '../core/block-maxima.ts';
import { MapFilter } from './nearest-state.ts';
import type { Stretch } from './stretch-cut.ts';

/** Neighbouring positions share what they know of their normal, cells: the less, the more was seen at each. */
const POOLING_SIGMA = 2;
const LEAST_POOLING_SIGMA = 1;
/** Deviations are no smaller than: this share of the median position's, and this much, in whitened units. */
const LEAST_SHARE = 0.5;
const LEAST_DEVIATION = 0.5;
/** Scale of the block maxima that footage of all kinds showed, and as how many blocks it counts. */
const USUAL: UsualBlocks = { scale: 0.7, blocks: 8, leastScale: 0.5 };
/** A threshold may be as rare as one change in this many times the footage, as that of anomalies (padim/alert-budget.ts). */
const FURTHEST = 20;
const DAY_MS = 86_400_000;
/** Below so many slow pictures the threshold is raised: what they have not seen is not known to be rare. */
const ENOUGH_PICTURES = 120;
const DOUBT_PICTURES = 45;

export interface StayNormal {
  /** (patch). */
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/**
 * @param distances (picture, patch), smoothed, each held against the states of other stretches
 * @param side of the grid
 */
export const normalOf = (distances: Float32Array, side: number): StayNormal => {
  const patchCount = side * side;
  const count = distances.length / patchCount;
  const raw = new Float64Array(patchCount);
  const variance = new Float64Array(patchCount);
  for (let at = 0; at < distances.length; at++) raw[at % patchCount]! += distances[at]! / count;
  for (let at = 0; at < distances.length; at++)
    variance[at % patchCount]! += (distances[at]! - raw[at % patchCount]!) ** 2 / count;
  const pool = new MapFilter(side, poolingSigma(count));
  const mean = raw.slice();
  pool.apply(mean);
  for (let patch = 0; patch < patchCount; patch++)
    variance[patch]! += (raw[patch]! - mean[patch]!) ** 2;
  pool.apply(variance);
  const usual = Math.sqrt(quantile(variance.toSorted(), 0.5));
  const least = (LEAST_SHARE * usual) ** 2 + LEAST_DEVIATION ** 2;
  return {
    mean: Float32Array.from(mean),
    deviation: Float32Array.from(variance, (value) => Math.sqrt(value + least)),
  };
};

const poolingSigma = (pictureCount: number): number =>
  Math.max(
    LEAST_POOLING_SIGMA,
    POOLING_SIGMA * Math.min(1, (ENOUGH_PICTURES / pictureCount) ** 0.25),
  );

/** Slow pictures that must follow each other over the threshold before a change is told: one alone is no evidence. */
const LASTING = 2;

/**
 * The largest deviation of each stretch, in standard deviations, that LASTING pictures in a row reach or pass: what the
 * threshold is held against.
 */
export const blockMaxima = (
  distances: Float32Array,
  { mean, deviation }: StayNormal,
  stretches: readonly Stretch[],
): Float64Array =>
  Float64Array.from(stretches, ({ first, end }) => {
    const peaks: number[] = [];
    for (let picture = first; picture < end; picture++) {
      let peak = -Infinity;
      for (let patch = 0; patch < mean.length; patch++) {
        const distance = distances[picture * mean.length + patch]!;
        peak = Math.max(peak, (distance - mean[patch]!) / deviation[patch]!);
      }
      peaks.push(peak);
    }
    const lasting = peaks
      .slice(0, Math.max(1, peaks.length - LASTING + 1))
      .map((_, index) => Math.min(...peaks.slice(index, index + LASTING)));
    return Math.max(...lasting);
  });

export interface ThresholdOptions {
  /** Stream time of a block, milliseconds. */
  readonly blockMs: number;
  readonly pictureCount: number;
  /** False changes a day that are acceptable. */
  readonly changesPerDay: number;
}

export interface StayThreshold {
  /** In standard deviations. */
  readonly threshold: number;
  readonly predictedPerDay: number;
}

/**
 * By the tail of the block maxima (core/block-maxima.ts).
 * @param maxima one a block, at least one
 */
export const stayThreshold = (maxima: Float64Array, options: ThresholdOptions): StayThreshold => {
  const { blockMs, pictureCount, changesPerDay } = options;
  const { mode, scale } = gumbelTail(maxima, USUAL);
  const blocksPerDay = DAY_MS / blockMs;
  const predictedPerDay = Math.max(changesPerDay, blocksPerDay / (FURTHEST * maxima.length));
  const rarity = Math.log(Math.max(1, blocksPerDay / predictedPerDay));
  return { threshold: (mode + scale * rarity) * doubt(pictureCount), predictedPerDay };
};

/** By how much the threshold is raised where little was seen: more than fourfold at twelve pictures, not at 120. */
const doubt = (pictureCount: number): number =>
  1 + (DOUBT_PICTURES / pictureCount) * Math.max(0, 1 - pictureCount / ENOUGH_PICTURES);
