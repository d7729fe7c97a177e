// The sum of all frames, for their mean: a picture of the scene as it normally is.
import { FRAME_BYTES } from '../core/frame.ts';

/** Frames whose sum is sure to fit 32 bits. Whole numbers add up four times as fast as floating ones. */
const FRAMES_PER_FOLD = 2 ** 24;

export class PixelSums {
  readonly #total = new Float64Array(FRAME_BYTES);
  readonly #recent = new Uint32Array(FRAME_BYTES);
  #recentFrames = 0;

  /** @param pixels whole frames, rgb24 */
  add(pixels: Uint8Array): void {
    const sums = this.#recent;
    for (let from = 0; from < pixels.length; from += FRAME_BYTES) {
      if (this.#recentFrames === FRAMES_PER_FOLD) this.#fold();
      for (let index = 0; index < FRAME_BYTES; index++) sums[index]! += pixels[from + index]!;
      this.#recentFrames += 1;
    }
  }

  /** Adds sums of other frames. */
  addSums(sums: Float64Array): void {
    for (let index = 0; index < FRAME_BYTES; index++) this.#total[index]! += sums[index]!;
  }

  /** One a pixel and colour; valid until the next `add`. */
  sums(): Float64Array {
    this.#fold();
    return this.#total;
  }

  #fold(): void {
    if (this.#recentFrames === 0) return;
    for (let index = 0; index < FRAME_BYTES; index++) this.#total[index]! += this.#recent[index]!;
    this.#recent.fill(0);
    this.#recentFrames = 0;
  }
}
