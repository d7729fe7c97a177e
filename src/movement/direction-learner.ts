// Learns the usual directions of each region, and how much normal footage speaks against them: each ten seconds are
// followed with what the rest of the footage taught.
import { gumbelTail, type UsualBlocks } from '../core/block-maxima.ts';
import { HISTOGRAM_LENGTH, addDirections, directionOdds, oddsOf } from './direction-histogram.ts';
import { DirectionTrail, NO_EVIDENCE } from './direction-trail.ts';
import { NO_DIRECTION } from './region-directions.ts';
import { REGION_COUNT } from './regions.ts';

const BLOCK_SECONDS = 10;
/** In less than a minute of footage most ways are taken once or never. */
const FEWEST_BLOCKS = 6;
/** Frames that are kept for following them again, 64 bytes each: more than two hours at five a second. */
const KEPT_FRAMES = 40_000;
const KEPT_PEAKS = 1_000;
/** A threshold may be as rare as one alert in this many times the footage, as for anomalies (padim/alert-budget.ts). */
const FURTHEST = 20;
/** Scale of the tail of blocks' peaks, and how many blocks' worth it is: few blocks know little of their tail. */
const USUAL: UsualBlocks = { scale: 0.3, blocks: 8, leastScale: 0 };
/** About a second of going where nothing ever went, or two of what is rare. */
const LEAST_THRESHOLD = 1.5;
/** Above what normal footage itself reached, but for one block in twenty. */
const MARGIN = 1.2;
const LEFT_OUT_SHARE = 1 / 20;

interface Block {
  readonly frames: Uint8Array[];
  readonly seconds: number[];
  totalSeconds: number;
}

export interface LearntDirections {
  /** (region, bin) as of `directionOdds`. */
  readonly odds: Float32Array;
  /** Of a trail's peak. */
  readonly threshold: number;
}

export class DirectionLearner {
  readonly #histogram = new Float64Array(HISTOGRAM_LENGTH);
  #blocks: Block[] = [];
  #frameCount = 0;
  #isBroken = true;
  /** Of earlier footage. */
  #peaks: readonly number[] = [];

  /** The next frame does not follow the last. */
  breakOff(): void {
    this.#isBroken = true;
  }

  /** @param directions of the regions (region-directions.ts); copied. @param seconds since the frame before */
  add(directions: Uint8Array, seconds: number): void {
    let block = this.#blocks.at(-1);
    if (block === undefined || this.#isBroken || block.totalSeconds >= BLOCK_SECONDS) {
      block = { frames: [], seconds: [], totalSeconds: 0 };
      this.#blocks.push(block);
      this.#isBroken = false;
    }
    block.frames.push(directions.slice(0, REGION_COUNT));
    block.seconds.push(seconds);
    block.totalSeconds += seconds;
    addDirections(this.#histogram, directions, 0, seconds);
    this.#frameCount += 1;
    if (this.#frameCount <= KEPT_FRAMES || this.#blocks.length < 2) return;
    this.#frameCount -= this.#blocks.shift()?.frames.length ?? 0;
  }

  /** Undefined where the footage is too little. */
  finish(): LearntDirections | undefined {
    const peaks = this.peaks();
    if (peaks.length < FEWEST_BLOCKS) return undefined;
    return { odds: directionOdds(this.#histogram), threshold: thresholdOf(peaks) };
  }

  /** Seconds of each direction, (region, bin): a copy. */
  histogram(): Float32Array {
    return Float32Array.from(this.#histogram);
  }

  /** How far each block of footage went against what the rest taught, the newest. */
  peaks(): readonly number[] {
    const own = this.#blocks
      .filter(({ totalSeconds }) => totalSeconds >= BLOCK_SECONDS / 2)
      .map((block) => this.#peakOf(block));
    return [...this.#peaks, ...own].slice(-KEPT_PEAKS);
  }

  restore(histogram: Float32Array, peaks: ArrayLike<number>): void {
    this.#histogram.set(histogram);
    this.#peaks = Array.from(peaks);
  }

  #peakOf({ frames, seconds }: Block): number {
    const others = this.#histogram.slice();
    frames.forEach((frame, index) => {
      addDirections(others, frame, 0, -(seconds[index] ?? 0));
    });
    // What rounding leaves of nothing.
    const odds = directionOdds(others.map((value) => Math.max(0, value)));
    const trail = new DirectionTrail();
    const found = new Float64Array(REGION_COUNT);
    return frames.reduce((highest, frame, index) => {
      frame.forEach((direction, region) => {
        found[region] = direction === NO_DIRECTION ? NO_EVIDENCE : oddsOf(odds, region, direction);
      });
      trail.step(found, seconds[index] ?? 0);
      return Math.max(highest, trail.peak().score);
    }, 0);
  }
}

/** By the tail of the blocks' peaks, and no lower than normal footage itself reached. */
const thresholdOf = (peaks: readonly number[]): number => {
  const sorted = [...peaks].sort((a, b) => a - b);
  const count = sorted.length;
  const { mode, scale } = gumbelTail(sorted, USUAL);
  const highest = sorted[count - 1 - Math.floor(count * LEFT_OUT_SHARE)] ?? 0;
  return Math.max(mode + scale * Math.log(FURTHEST * count), MARGIN * highest, LEAST_THRESHOLD);
};
