// Tells light that wanders over a scene from things that move in it. Flow follows the edge of a beam as it follows a
// car, but light leaves the structure beneath it as it was: the difference of two pictures is then smooth, and its
// slopes are small against the slopes of the pictures themselves. What is nearer than the lens is focused, such as an
// insect on it, looks like light too.
import { FRAME_BYTES } from '../../core/frame.ts';
import type { ScratchMemory } from '../maths/scratch-memory.ts';
import { GREY_SIDE, greyPicture } from './grey-picture.ts';

/**
 * Squared slopes of the difference in its squares: about 1 and seldom below 0.4 where things move, below 0.1 under a
 * beam. And in the squared slopes of both pictures: 1 where one structure takes another's place, below 0.2 under a beam.
 * From `light` up to `motion` either counts in part; whichever speaks more for motion decides.
 */
const OF_DIFFERENCE = { light: 0.25, motion: 0.5 };
const OF_SLOPES = { light: 0.25, motion: 0.5 };
/** Squares below which there is noise only, grey levels². */
const NOISE = 1;
/** Sums of a cell: squares of the difference, its squared slopes, squared slopes of both pictures. */
const SUMS = 3;

const GREY_CELLS = GREY_SIDE * GREY_SIDE;

export class LightGate {
  readonly #side: number;
  readonly #scratch: ScratchMemory;

  /** @param side cells of a map's side, of which GREY_SIDE is a multiple */
  constructor(side: number, scratch: ScratchMemory) {
    this.#side = side;
    this.#scratch = scratch;
  }

  /**
   * How much of what moved from one frame to the next is more than light, 0..1.
   *
   * @param pixels frames, rgb24, the second right after the first, which begins at `from` (bytes)
   * @returns (row, column), valid until the next call
   */
  weigh(pixels: Uint8Array, from: number): Float32Array {
    const earlier = this.#scratch.take('grey', GREY_CELLS);
    const later = this.#scratch.take('later grey', GREY_CELLS);
    greyPicture(pixels, from, earlier);
    greyPicture(pixels, from + FRAME_BYTES, later);
    const side = this.#side;
    const sums = this.#scratch.take('light sums', SUMS * side * side).fill(0);
    this.#sumUp(earlier, later, sums);
    const weights = this.#scratch.take('light weights', side * side);
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        weights[row * side + column] = this.#weightOf(sums, row, column);
      }
    }
    return weights;
  }

  #sumUp(earlier: Float32Array, later: Float32Array, sums: Float32Array): void {
    const pixelsACell = GREY_SIDE / this.#side;
    for (let row = 0; row < GREY_SIDE - 1; row++) {
      const cells = Math.floor(row / pixelsACell) * this.#side;
      for (let column = 0; column < GREY_SIDE - 1; column++) {
        const at = row * GREY_SIDE + column;
        const before = earlier[at]!;
        const now = later[at]!;
        const beforeX = earlier[at + 1]! - before;
        const beforeY = earlier[at + GREY_SIDE]! - before;
        const nowX = later[at + 1]! - now;
        const nowY = later[at + GREY_SIDE]! - now;
        const to = SUMS * (cells + Math.floor(column / pixelsACell));
        sums[to]! += (now - before) ** 2;
        sums[to + 1]! += (nowX - beforeX) ** 2 + (nowY - beforeY) ** 2;
        sums[to + 2]! += beforeX ** 2 + beforeY ** 2 + nowX ** 2 + nowY ** 2;
      }
    }
  }

  /** Of the cell and its eight neighbours. */
  #weightOf(sums: Float32Array, row: number, column: number): number {
    const side = this.#side;
    let squares = 0;
    let slopes = 0;
    let structure = 0;
    let cells = 0;
    for (let y = Math.max(0, row - 1); y <= Math.min(side - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(side - 1, column + 1); x++) {
        const at = SUMS * (y * side + x);
        squares += sums[at]!;
        slopes += sums[at + 1]!;
        structure += sums[at + 2]!;
        cells += 1;
      }
    }
    const noise = NOISE * cells * (GREY_SIDE / side) ** 2;
    return Math.max(
      ramp(slopes / (squares + noise), OF_DIFFERENCE),
      ramp(slopes / (structure + noise), OF_SLOPES),
    );
  }
}

const ramp = (value: number, { light, motion }: typeof OF_DIFFERENCE): number =>
  Math.min(1, Math.max(0, (value - light) / (motion - light)));
