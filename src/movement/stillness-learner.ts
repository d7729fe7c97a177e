// Learns how little each part of the picture ever moved, and from how little on it is absent. Only where movement hardly
// varies can its absence be told: a place that was ever still for long in normal footage may be so again.
import { WINDOWS, windowMean } from './movement-windows.ts';
import { REGION_COUNT } from './regions.ts';
import { LEAST_SHARE, RunningShares, SPANS } from './running-shares.ts';

/** Of a span: lows of so long apart count as seen apart. */
const BLOCK_SPANS = 2;
const FEWEST_BLOCKS = 3;
/** A standard deviation of the logarithm of lows that is to be expected at least, worth so many blocks. */
const PRIOR_DEVIATION = 0.15;
const PRIOR_BLOCKS = 4;
/** In standard deviations below the mean low: with an exponential tail about one in 3,000 blocks. */
const DEVIATIONS = 6;
/** And no more than a third of the least ever seen. */
const MARGIN = Math.log(3);
/** Movement that varies more is no usual movement: a lull of the usual length would have to be twice as long. */
const LARGEST_DEVIATION = 0.4;
/** Less of a region than this is what flickers. */
const LEAST_USUAL = 0.05;

export const LIMIT_COUNT = WINDOWS.length * SPANS.length;
/** No limit: its absence can't be told. */
export const NO_LIMIT = 0;

/** Of the lows of blocks, (span, window); plain numbers, which another learner may go on from. */
export interface StillnessState {
  /** Blocks of each span. */
  readonly counts: Float32Array;
  readonly means: Float32Array;
  /** Sums of squared deviations. */
  readonly squares: Float32Array;
  readonly lowest: Float32Array;
}

export class StillnessLearner {
  readonly #shares = new RunningShares();
  readonly #counts = new Float64Array(SPANS.length);
  readonly #means = new Float64Array(LIMIT_COUNT);
  readonly #squares = new Float64Array(LIMIT_COUNT);
  readonly #lowest = new Float64Array(LIMIT_COUNT);
  readonly #low = new Float64Array(LIMIT_COUNT);
  readonly #blockSeconds = new Float64Array(SPANS.length);

  constructor() {
    this.breakOff();
  }

  /** The next frame does not follow the last. */
  breakOff(): void {
    this.#shares.reset();
    this.#blockSeconds.fill(0);
    this.#low.fill(0);
  }

  /** @param shares of each region that changed since the frame before. @param seconds since then */
  add(shares: ArrayLike<number>, seconds: number): void {
    this.#shares.add(shares, seconds);
    SPANS.forEach((span, index) => {
      if (this.#shares.seconds < span) return;
      this.#blockSeconds[index] = (this.#blockSeconds[index] ?? 0) + seconds;
      WINDOWS.forEach((window, place) => {
        const at = index * WINDOWS.length + place;
        const mean = windowMean(this.#shares.averages, index * REGION_COUNT, window);
        const value = Math.log(Math.max(mean, LEAST_SHARE));
        this.#low[at] = Math.min(this.#low[at] ?? 0, value);
        this.#lowest[at] = Math.min(this.#lowest[at] ?? 0, value);
      });
      if ((this.#blockSeconds[index] ?? 0) >= BLOCK_SPANS * span) this.#endBlock(index);
    });
  }

  /** (span, window) logarithms of the share below which movement is absent; NO_LIMIT where that can't be told. */
  finish(): Float32Array {
    return Float32Array.from({ length: LIMIT_COUNT }, (_, at) => this.#limit(at));
  }

  /** A copy. */
  state(): StillnessState {
    return {
      counts: Float32Array.from(this.#counts),
      means: Float32Array.from(this.#means),
      squares: Float32Array.from(this.#squares),
      lowest: Float32Array.from(this.#lowest),
    };
  }

  restore({ counts, means, squares, lowest }: StillnessState): void {
    this.#counts.set(counts);
    this.#means.set(means);
    this.#squares.set(squares);
    this.#lowest.set(lowest);
  }

  #limit(at: number): number {
    const count = this.#counts[Math.floor(at / WINDOWS.length)] ?? 0;
    const mean = this.#means[at] ?? 0;
    if (count < FEWEST_BLOCKS || mean < Math.log(LEAST_USUAL)) return NO_LIMIT;
    const squares = (this.#squares[at] ?? 0) + PRIOR_BLOCKS * PRIOR_DEVIATION ** 2;
    // Few blocks may have missed the lulls.
    const doubt = 1 + 2 / Math.sqrt(count);
    const deviation = Math.sqrt(squares / (count - 1 + PRIOR_BLOCKS)) * doubt;
    if (deviation > LARGEST_DEVIATION) return NO_LIMIT;
    return Math.min(mean - DEVIATIONS * deviation, this.#lowest[at] ?? 0) - MARGIN;
  }

  /** Welford's update by the block's low. */
  #endBlock(span: number): void {
    const count = (this.#counts[span] ?? 0) + 1;
    this.#counts[span] = count;
    this.#blockSeconds[span] = 0;
    for (let at = span * WINDOWS.length; at < (span + 1) * WINDOWS.length; at++) {
      const low = this.#low[at] ?? 0;
      const mean = this.#means[at] ?? 0;
      const next = mean + (low - mean) / count;
      this.#means[at] = next;
      this.#squares[at] = (this.#squares[at] ?? 0) + (low - mean) * (low - next);
      this.#low[at] = 0;
    }
  }
}
