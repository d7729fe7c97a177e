// How much each region moved lately, over three spans of time: averages that forget exponentially. Their logarithm falls
// by one in each span in which nothing moves at all, so that it tells both how long a region has been still and how
// little there is where some movement is left.
import { REGION_COUNT } from './regions.ts';

/** Seconds after which an average has forgotten all but a third. */
export const SPANS = [1.5, 6, 24] as const;
export const AVERAGE_COUNT = SPANS.length * REGION_COUNT;
/** Of nothing at all for fourteen spans. */
export const LEAST_SHARE = 1e-6;

export class RunningShares {
  /** (span, region), 0..1. */
  readonly averages = new Float64Array(AVERAGE_COUNT);
  #seconds = 0;

  /** Since when it has been adding up. */
  get seconds(): number {
    return this.#seconds;
  }

  /** Nothing is known of before. */
  reset(): void {
    this.#seconds = 0;
  }

  /** As if everything had moved until now: what is absent must be so for as long as after the busiest time. */
  assumeMoved(): void {
    this.averages.fill(1);
    this.#seconds = Infinity;
  }

  /** Goes on from the averages of another. */
  resume(averages: ArrayLike<number>): void {
    this.averages.set(averages);
    this.#seconds = Infinity;
  }

  /** @param shares of each region, 0..1. @param seconds that they stand for, more than 0 */
  add(shares: ArrayLike<number>, seconds: number): void {
    this.#seconds += seconds;
    for (let span = 0; span < SPANS.length; span++) {
      // A plain mean until there is as much as a span.
      const weight = Math.max(
        seconds / this.#seconds,
        1 - Math.exp(-seconds / (SPANS[span] ?? Infinity)),
      );
      for (let region = 0; region < REGION_COUNT; region++) {
        const at = span * REGION_COUNT + region;
        const average = this.averages[at] ?? 0;
        this.averages[at] = average + weight * ((shares[region] ?? 0) - average);
      }
    }
  }
}
