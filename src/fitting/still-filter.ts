// Leaves out most frames in which nothing changed since the last that was learnt: hours of an empty yard would
// outweigh the minutes in which something goes on, and cost as much time. A few are kept, for stillness is normal too.
import { FRAME_SIDE } from '../core/frame.ts';

const CELL = 8;
const CELLS = FRAME_SIDE / CELL;
/** Grey levels, of a cell's mean: above a camera's noise, below what a person far away changes. */
const CHANGE = 2;
/** Of frames without change one in so many is kept. */
const KEPT_EVERY = 10;

export class StillFilter {
  #kept = new Float32Array(CELLS * CELLS);
  #now = new Float32Array(CELLS * CELLS);
  #hasKept = false;
  #stillsInARow = 0;
  #left = 0;

  /** Frames left out so far. */
  get leftOut(): number {
    return this.#left;
  }

  /** Whether to learn the frame. @param pixels FRAME_BYTES, rgb24 */
  accepts(pixels: Uint8Array): boolean {
    cellMeans(pixels, this.#now);
    const isStill = this.#hasKept && !this.#hasChanged();
    this.#stillsInARow = isStill ? this.#stillsInARow + 1 : 0;
    if (isStill && this.#stillsInARow % KEPT_EVERY !== 0) {
      this.#left += 1;
      return false;
    }
    [this.#kept, this.#now] = [this.#now, this.#kept];
    this.#hasKept = true;
    return true;
  }

  #hasChanged(): boolean {
    return this.#now.some((mean, cell) => Math.abs(mean - (this.#kept[cell] ?? 0)) > CHANGE);
  }
}

/** Mean over a cell's pixels and colours, (row, column). */
const cellMeans = (pixels: Uint8Array, means: Float32Array): void => {
  means.fill(0);
  const rowBytes = FRAME_SIDE * 3;
  for (let row = 0; row < FRAME_SIDE; row++) {
    const cellRow = Math.floor(row / CELL) * CELLS;
    for (let cell = 0; cell < CELLS; cell++) {
      const from = row * rowBytes + cell * CELL * 3;
      let sum = 0;
      for (let at = from; at < from + CELL * 3; at++) sum += pixels[at] ?? 0;
      const place = cellRow + cell;
      means[place] = (means[place] ?? 0) + sum / (CELL * CELL * 3);
    }
  }
};
