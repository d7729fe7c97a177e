// Adds up how much speaks against the direction of what moves, along its way: one frame proves nothing, a second or two
// of going the wrong way does. A cumulated sum (Page 1954) for each region, which follows what moves to the next one.
import { REGION_COUNT, REGION_SIDE } from './regions.ts';

/** Evidence along the way is forgotten slowly; where nothing moves any more, at once. */
const FOLLOWED_SECONDS = 3;
const LOST_SECONDS = 1;

/** A region without movement. */
export const NO_EVIDENCE = NaN;

export interface TrailPeak {
  readonly score: number;
  /** −1 where nothing speaks against any. */
  readonly region: number;
}

export class DirectionTrail {
  readonly sums: Float64Array;
  readonly #before = new Float64Array(REGION_COUNT);

  /** @param sums what was added up so far, a number a region; from nothing when left out */
  constructor(sums: ArrayLike<number> = []) {
    this.sums = new Float64Array(REGION_COUNT);
    this.sums.set(Array.from(sums).slice(0, REGION_COUNT));
  }

  reset(): void {
    this.sums.fill(0);
  }

  /**
   * @param odds of each region's direction (direction-histogram.ts), NO_EVIDENCE where nothing moves
   * @param seconds that they stand for
   */
  step(odds: ArrayLike<number>, seconds: number): void {
    this.#before.set(this.sums);
    const followed = Math.exp(-seconds / FOLLOWED_SECONDS);
    const lost = Math.exp(-seconds / LOST_SECONDS);
    for (let region = 0; region < REGION_COUNT; region++) {
      const found = odds[region] ?? NO_EVIDENCE;
      this.sums[region] = Number.isNaN(found)
        ? (this.#before[region] ?? 0) * lost
        : Math.max(0, this.#highestNear(region) * followed + found * seconds);
    }
  }

  peak(): TrailPeak {
    let [score, region] = [0, -1];
    for (let place = 0; place < REGION_COUNT; place++) {
      const sum = this.sums[place] ?? 0;
      if (sum > score) [score, region] = [sum, place];
    }
    return { score, region };
  }

  #highestNear(region: number): number {
    const [x, y] = [region % REGION_SIDE, Math.floor(region / REGION_SIDE)];
    let highest = 0;
    for (let ny = Math.max(0, y - 1); ny <= Math.min(REGION_SIDE - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(REGION_SIDE - 1, x + 1); nx++) {
        highest = Math.max(highest, this.#before[ny * REGION_SIDE + nx] ?? 0);
      }
    }
    return highest;
  }
}
