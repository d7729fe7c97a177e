// Takes small shakes of a camera out of its pictures: each is moved back onto the scene's mean picture, where that
// helps. A steady camera's pictures are left as they are.
import { FRAME_BYTES, FRAME_SIDE } from '../../core/frame.ts';
import { GREY_SIDE, greyPicture, quartered } from './grey-picture.ts';
import { shiftPicture } from './shifted-picture.ts';
import { TranslationFinder, type Alignment } from './translation.ts';

/** Pixels: further is no shake but another view. */
const FURTHEST = 8;
/** Pixels: less is what the scene's own pictures differ by, and resampling would only blur. */
const LEAST_SHIFT = 0.5;
/** A shift helps when it takes so much of what the picture differs by at the scene's edges. */
const LEAST_GAIN = 0.1;
const COARSE_SIDE = GREY_SIDE / 4;
const COARSE_STEPS = 4;
const FINE_STEPS = 3;
const LIGHT_STEPS = 2;
const PIXELS_A_CELL = FRAME_SIDE / GREY_SIDE;

export interface Shift {
  /** Pixels that the picture is moved right and down against the reference. */
  readonly dx: number;
  readonly dy: number;
}

export class PictureSteadier {
  readonly #reference: Uint8Array;
  readonly #coarse: TranslationFinder;
  readonly #fine: TranslationFinder;
  readonly #grey = new Float32Array(GREY_SIDE * GREY_SIDE);
  readonly #coarseGrey = new Float32Array(COARSE_SIDE * COARSE_SIDE);
  #steadied = new Uint8Array(0);

  /** @param reference the scene's mean picture, rgb24 */
  constructor(reference: Uint8Array) {
    this.#reference = reference;
    greyPicture(reference, 0, this.#grey);
    quartered(this.#grey, GREY_SIDE, this.#coarseGrey);
    const furthest = FURTHEST / PIXELS_A_CELL;
    this.#fine = new TranslationFinder(this.#grey, GREY_SIDE, furthest);
    this.#coarse = new TranslationFinder(this.#coarseGrey, COARSE_SIDE, furthest / 4);
  }

  get sizeBytes(): number {
    return this.#coarse.sizeBytes + this.#fine.sizeBytes + this.#steadied.byteLength;
  }

  /**
   * @param pixels frames, rgb24
   * @returns the same memory where every frame is steady; else its own, valid until the next call
   */
  steady(pixels: Uint8Array): Uint8Array {
    if (!this.#fine.canTell) return pixels;
    let out: Uint8Array | undefined;
    for (let from = 0; from < pixels.length; from += FRAME_BYTES) {
      const shift = this.shiftOf(pixels, from);
      if (shift === undefined) continue;
      out ??= this.#copyOf(pixels);
      shiftPicture(pixels, from, shift, this.#reference, out);
    }
    return out ?? pixels;
  }

  /** How far the frame at `from` (bytes) is moved; undefined where it is not, or nothing can be told. */
  shiftOf(pixels: Uint8Array, from: number): Shift | undefined {
    greyPicture(pixels, from, this.#grey);
    const still: Alignment = { dx: 0, dy: 0, gain: 1, offset: 0 };
    this.#fine.evenLight(this.#grey, still, LIGHT_STEPS);
    const before = this.#fine.residual(this.#grey, still);
    const at = { ...still };
    if (this.#coarse.canTell) {
      quartered(this.#grey, GREY_SIDE, this.#coarseGrey);
      if (this.#coarse.align(this.#coarseGrey, at, COARSE_STEPS)) {
        at.dx *= 4;
        at.dy *= 4;
      } else Object.assign(at, still);
    }
    if (!this.#fine.align(this.#grey, at, FINE_STEPS)) return undefined;
    const dx = at.dx * PIXELS_A_CELL;
    const dy = at.dy * PIXELS_A_CELL;
    if (Math.hypot(dx, dy) < LEAST_SHIFT) return undefined;
    const after = this.#fine.residual(this.#grey, at);
    return after < (1 - LEAST_GAIN) * before ? { dx, dy } : undefined;
  }

  #copyOf(pixels: Uint8Array): Uint8Array {
    if (this.#steadied.length < pixels.length) this.#steadied = new Uint8Array(pixels.length);
    const out = this.#steadied.subarray(0, pixels.length);
    out.set(pixels);
    return out;
  }
}
