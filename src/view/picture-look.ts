// What one picture looks like: its half-size luma, how much there is of each fineness in every block, and how much of
// it is dark or bright. One pass over the pixels, into memory that is made once.
import { FRAME_SIDE } from '../core/frame.ts';
import {
  BLOCKS,
  BLOCK_CELLS,
  BLOCK_SIDE,
  COARSE_SIDE,
  FINE_SIDE,
  HALF_CELLS,
  HALF_SIDE,
} from './view-grid.ts';

/** Finenesses: differences within 2×2 pixels, and within 2×2 cells of 2, 4 and 8 pixels. */
export const BANDS = 4;

/** Of a cell's luma, 0..255: below is dark, above is bright. */
const DARK = 32;
const BRIGHT = 232;

/** What rounding to whole grey levels leaves in a flat place: below it no difference counts. */
const ENERGY_FLOOR = 0.1;

export class PictureLook {
  /** (row, column) of half the frame's side, 0..255. */
  readonly luma = new Float32Array(HALF_CELLS);
  /** The same of a quarter and an eighth of the side. */
  readonly fine = new Float32Array(FINE_SIDE * FINE_SIDE);
  readonly coarse = new Float32Array(COARSE_SIDE * COARSE_SIDE);
  /** (band, block): logarithm of the mean variance within 2×2, in squared grey levels. */
  readonly bands = new Float32Array(BANDS * BLOCKS);
  /** Mean luma, 0..255, and shares of the picture. */
  meanLuma = 0;
  /** Standard deviation of luma. */
  contrast = 0;
  darkShare = 0;
  brightShare = 0;

  /** @param pixels FRAME_BYTES rgb24, from `from` on */
  see(pixels: Uint8Array, from: number): void {
    this.bands.fill(0);
    this.#halve(pixels, from);
    halveInto(this.luma, HALF_SIDE, this.fine, this.bands.subarray(BLOCKS, 2 * BLOCKS));
    halveInto(this.fine, FINE_SIDE, this.coarse, this.bands.subarray(2 * BLOCKS, 3 * BLOCKS));
    halveInto(this.coarse, COARSE_SIDE, undefined, this.bands.subarray(3 * BLOCKS));
    for (let band = 0; band < BANDS; band++) {
      const groups = (FRAME_SIDE / BLOCK_SIDE / 2 ** (band + 1)) ** 2;
      for (let at = band * BLOCKS; at < (band + 1) * BLOCKS; at++) {
        this.bands[at] = Math.log(this.bands[at]! / groups + ENERGY_FLOOR);
      }
    }
  }

  /** Luma as (red + 2 green + blue) / 4: near enough, and whole numbers. */
  #halve(pixels: Uint8Array, from: number): void {
    const { luma, bands } = this;
    const rowBytes = FRAME_SIDE * 3;
    let sum = 0;
    let squares = 0;
    let dark = 0;
    let bright = 0;
    for (let y = 0; y < HALF_SIDE; y++) {
      let at = from + 2 * y * rowBytes;
      const blockRow = Math.floor(y / BLOCK_CELLS) * BLOCK_SIDE;
      for (let block = blockRow; block < blockRow + BLOCK_SIDE; block++) {
        let energy = 0;
        const first = y * HALF_SIDE + (block - blockRow) * BLOCK_CELLS;
        for (let cell = first; cell < first + BLOCK_CELLS; cell++) {
          const below = at + rowBytes;
          const a = pixels[at]! + 2 * pixels[at + 1]! + pixels[at + 2]!;
          const b = pixels[at + 3]! + 2 * pixels[at + 4]! + pixels[at + 5]!;
          const c = pixels[below]! + 2 * pixels[below + 1]! + pixels[below + 2]!;
          const d = pixels[below + 3]! + 2 * pixels[below + 4]! + pixels[below + 5]!;
          at += 6;
          const total = a + b + c + d;
          energy += a * a + b * b + c * c + d * d - (total * total) / 4;
          const value = total / 16;
          luma[cell] = value;
          sum += value;
          squares += value * value;
          if (value < DARK) dark += 1;
          else if (value > BRIGHT) bright += 1;
        }
        bands[block] = bands[block]! + energy / 64;
      }
    }
    this.meanLuma = sum / HALF_CELLS;
    this.contrast = Math.sqrt(Math.max(0, squares / HALF_CELLS - this.meanLuma ** 2));
    this.darkShare = dark / HALF_CELLS;
    this.brightShare = bright / HALF_CELLS;
  }
}

/** Means of 2×2 into `to`, and the sums of the variances within them into the blocks' `energies`. */
const halveInto = (
  from: Float32Array,
  side: number,
  to: Float32Array | undefined,
  energies: Float32Array,
): void => {
  const half = side / 2;
  const perBlock = half / BLOCK_SIDE;
  for (let y = 0; y < half; y++) {
    let at = 2 * y * side;
    const blockRow = Math.floor(y / perBlock) * BLOCK_SIDE;
    for (let x = 0; x < half; x++) {
      const a = from[at]!;
      const b = from[at + 1]!;
      const c = from[at + side]!;
      const d = from[at + side + 1]!;
      at += 2;
      const total = a + b + c + d;
      const block = blockRow + Math.floor(x / perBlock);
      energies[block] =
        energies[block]! + (a * a + b * b + c * c + d * d - (total * total) / 4) / 4;
      if (to !== undefined) to[y * half + x] = total / 4;
    }
  }
};
