// Takes small shakes of a camera out of its pictures: each is moved back onto the scene's mean picture, where that
// helps. A steady camera's pictures are left as they are.
import { FRAME_BYTES, FRAME_SIDE } from '../../core/frame.ts';
import type { ScratchMemory } from '../maths/scratch-memory.ts';
import { GREY_SIDE, greyPicture, greyPlaces, quartered } from './grey-picture.ts';
import { shiftPicture } from './shifted-picture.ts';
import { TranslationFinder, type Alignment } from './translation.ts';

/** Pixels: further is no shake but another view. */
const FURTHEST = 8;
/** Pixels: less is what the scene's own pictures differ by, and resampling would only blur. */
const LEAST_SHIFT = 0.5;
/** A shift helps when it takes so much of what the picture differs by at the scene's edges. */
const LEAST_GAIN = 0.1;
/** Of the residual of pictures that have nothing in common: what differs by more is another view. */
const MOST_UNLIKE = 0.5;
const COARSE_SIDE = GREY_SIDE / 4;
/** Of the places one in so many is looked at first: most pictures are steady, and looking closer is for those that aren't. */
const GLANCED = 4;
/** Pixels: a first step that is shorter leads nowhere. */
const SHORTEST_STEP = 0.25;
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
  readonly #glance: TranslationFinder;
  readonly #scratch: ScratchMemory;

  /** @param reference the scene's mean picture, rgb24 */
  constructor(reference: Uint8Array, scratch: ScratchMemory) {
    this.#reference = reference;
    this.#scratch = scratch;
    const grey = this.#grey('grey', GREY_SIDE);
    const coarseGrey = this.#grey('coarse grey', COARSE_SIDE);
    greyPicture(reference, 0, grey);
    quartered(grey, GREY_SIDE, coarseGrey);
    const furthest = FURTHEST / PIXELS_A_CELL;
    this.#fine = new TranslationFinder(grey, GREY_SIDE, furthest);
    this.#glance = new TranslationFinder(grey, GREY_SIDE, furthest, GLANCED);
    this.#coarse = new TranslationFinder(coarseGrey, COARSE_SIDE, furthest / 4);
  }

  get sizeBytes(): number {
    return this.#coarse.sizeBytes + this.#fine.sizeBytes + this.#glance.sizeBytes;
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
    const grey = this.#grey('grey', GREY_SIDE);
    if (this.#looksSteady(pixels, from, grey)) return undefined;
    greyPicture(pixels, from, grey);
    const still: Alignment = { dx: 0, dy: 0, gain: 1, offset: 0 };
    this.#fine.evenLight(grey, still, LIGHT_STEPS);
    const at = this.#coarsely(grey, still);
    if (!this.#fine.align(grey, at, FINE_STEPS)) return undefined;
    const dx = at.dx * PIXELS_A_CELL;
    const dy = at.dy * PIXELS_A_CELL;
    if (Math.hypot(dx, dy) < LEAST_SHIFT) return undefined;
    const before = this.#fine.residual(grey, still);
    const after = this.#fine.residual(grey, at);
    const isAlike = after < MOST_UNLIKE * this.#fine.unlike(at);
    return isAlike && after < (1 - LEAST_GAIN) * before ? { dx, dy } : undefined;
  }

  /** By one step from where the reference is. */
  #looksSteady(pixels: Uint8Array, from: number, grey: Float32Array): boolean {
    if (!this.#glance.canTell) return false;
    greyPlaces(pixels, from, this.#glance.places, grey);
    const at: Alignment = { dx: 0, dy: 0, gain: 1, offset: 0 };
    this.#glance.evenLight(grey, at, 1);
    if (!this.#glance.align(grey, at, 1)) return false;
    return PIXELS_A_CELL * Math.hypot(at.dx, at.dy) < SHORTEST_STEP;
  }

  /** Where to look from: a quarter of the side shows what lies further than a step of the whole. */
  #coarsely(grey: Float32Array, still: Alignment): Alignment {
    const at = { ...still };
    if (!this.#coarse.canTell) return at;
    const coarseGrey = this.#grey('coarse grey', COARSE_SIDE);
    quartered(grey, GREY_SIDE, coarseGrey);
    if (!this.#coarse.align(coarseGrey, at, COARSE_STEPS)) return { ...still };
    return { ...at, dx: 4 * at.dx, dy: 4 * at.dy };
  }

  #grey(name: string, side: number): Float32Array {
    return this.#scratch.take(name, side * side);
  }

  #copyOf(pixels: Uint8Array): Uint8Array {
    const memory = this.#scratch.take('steadied', Math.ceil(pixels.length / 4));
    const out = new Uint8Array(memory.buffer, 0, pixels.length);
    out.set(pixels);
    return out;
  }
}
