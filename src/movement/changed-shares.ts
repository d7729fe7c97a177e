// How much of each region changes from one frame to the next. Told by grey levels and not by optical flow: flow computes
// a bounded number of cells, so that in a storm at one end of the picture a road at the other end would seem to stop.
import { FRAME_BYTES, FRAME_SIDE } from '../core/frame.ts';
import { REGION_COUNT, REGION_SIDE } from './regions.ts';

/** A sample is the sum of 2 × 2 green pixels, one of every 4 × 4. */
const STEP = 4;
const SIDE = FRAME_SIDE / STEP;
const PIXEL = 3;
const ROW = FRAME_SIDE * PIXEL;
/** Grey levels of a mean of four: above a sensor's noise by day and what a codec does to what is still. */
const CHANGE = 6 * 4;
const SAMPLES_ACROSS = SIDE / REGION_SIDE;
const SHARE = 1 / SAMPLES_ACROSS ** 2;

export class ChangedShares {
  #before = new Int16Array(SIDE * SIDE);
  #now = new Int16Array(SIDE * SIDE);

  get sizeBytes(): number {
    return this.#before.byteLength + this.#now.byteLength;
  }

  /** Takes frame `index` of `pixels` (rgb24) as the one before the next. */
  start(pixels: Uint8Array, index: number): void {
    sample(pixels, index * FRAME_BYTES, this.#now);
  }

  /** Adds to `sums`, a number a region, which share of it (0..1) frame `index` shows otherwise than the frame before. */
  add(pixels: Uint8Array, index: number, sums: Float64Array): void {
    [this.#before, this.#now] = [this.#now, this.#before];
    sample(pixels, index * FRAME_BYTES, this.#now);
    const before = this.#before;
    const now = this.#now;
    for (let region = 0; region < REGION_COUNT; region++) {
      const top = Math.floor(region / REGION_SIDE) * SAMPLES_ACROSS;
      const left = (region % REGION_SIDE) * SAMPLES_ACROSS;
      let changed = 0;
      for (let y = top; y < top + SAMPLES_ACROSS; y++) {
        const end = y * SIDE + left + SAMPLES_ACROSS;
        for (let at = end - SAMPLES_ACROSS; at < end; at++) {
          const difference = (now[at] ?? 0) - (before[at] ?? 0);
          if (difference >= CHANGE || difference <= -CHANGE) changed += 1;
        }
      }
      sums[region] = (sums[region] ?? 0) + changed * SHARE;
    }
  }
}

const sample = (pixels: Uint8Array, from: number, out: Int16Array): void => {
  let to = 0;
  for (let y = 0; y < SIDE; y++) {
    // The middle of each 4 × 4.
    let at = from + (y * STEP + 1) * ROW + PIXEL + 1;
    for (let x = 0; x < SIDE; x++) {
      out[to++] =
        (pixels[at] ?? 0) +
        (pixels[at + PIXEL] ?? 0) +
        (pixels[at + ROW] ?? 0) +
        (pixels[at + ROW + PIXEL] ?? 0);
      at += STEP * PIXEL;
    }
  }
};
