// Tells a colour picture from an infrared one by whether its places differ in hue. Infrared has one hue everywhere: none,
// or the pink or violet of a lens without its filter. Daylight has several, however pale: grey asphalt too. How strong
// the colours are says neither. A clock or a red mark is a few places of many, and not asked.
import { FRAME_SIDE } from '../core/frame.ts';

/** Places along a side, of 16×16 pixels, of which 16 are looked at. */
export const PLACES_SIDE = 16;
const PLACES = PLACES_SIDE * PLACES_SIDE;
const PLACE = FRAME_SIDE / PLACES_SIDE;
const STEP = 4;
const SAMPLES = (PLACE / STEP) ** 2;

/** Of a place's luma and of its strongest colour: below and above, hue drowns in noise or is cut off. */
const DARK = 32;
const CUT_OFF = 240;
/** Chroma is taken in percent of the luma and a little: a cast that grows with the light is one hue. */
const LUMA_OFFSET = 4;
const PERCENT = 100;
/** Fewer places tell nothing. */
const LEAST_PLACES = 32;
/** Three quarters of the places lie within this quantile of the distances from the median hue. */
const QUANTILE = 0.75;
/** The same quantile of noise in two dimensions, squared, in its variance along each. */
const NOISE_QUANTILE = 2 * Math.log(4);
/** What coding leaves of no colour at all, percent; and what it and the sensor make of a cast, as a share of it. */
const CODING = 0.8;
const CAST_SHARE = 0.12;

export class ColourVariety {
  readonly #isIgnored: Uint8Array | undefined;
  readonly #red = new Float32Array(PLACES);
  readonly #blue = new Float32Array(PLACES);
  readonly #noise = new Float32Array(PLACES);
  readonly #sorted = new Float32Array(PLACES);
  #count = 0;

  /** @param isIgnored (row, column) of PLACES_SIDE places, 1 for those that never count */
  constructor(isIgnored?: Uint8Array) {
    this.#isIgnored = isIgnored;
  }

  /**
   * How far the places differ in hue, in what infrared differs at most: above 1 it is a colour picture. Undefined where
   * it is too dark or too bright to tell.
   *
   * @param pixels FRAME_BYTES rgb24
   */
  of(pixels: Uint8Array): number | undefined {
    this.#count = 0;
    for (let place = 0; place < PLACES; place++) {
      if (this.#isIgnored?.[place] !== 1) this.#look(pixels, place);
    }
    const count = this.#count;
    if (count < LEAST_PLACES) return undefined;
    const red = this.#quantile(this.#red, 0.5);
    const blue = this.#quantile(this.#blue, 0.5);
    const noise = this.#quantile(this.#noise, 0.5);
    for (let at = 0; at < count; at++) {
      this.#red[at] = Math.hypot((this.#red[at] ?? 0) - red, (this.#blue[at] ?? 0) - blue);
    }
    const spread = this.#quantile(this.#red, QUANTILE);
    const own = Math.sqrt(Math.max(0, spread * spread - (NOISE_QUANTILE * noise) / SAMPLES));
    return own / (CODING + CAST_SHARE * Math.hypot(red, blue));
  }

  /** Mean chroma of a place, and its variance within. */
  #look(pixels: Uint8Array, place: number): void {
    const top = Math.floor(place / PLACES_SIDE) * PLACE + 1;
    const left = (place % PLACES_SIDE) * PLACE + 1;
    let red = 0;
    let green = 0;
    let blue = 0;
    let squares = 0;
    for (let y = top; y < top + PLACE; y += STEP) {
      let at = 3 * (y * FRAME_SIDE + left);
      for (let x = 0; x < PLACE; x += STEP, at += 3 * STEP) {
        const g = pixels[at + 1] ?? 0;
        const r = (pixels[at] ?? 0) - g;
        const b = (pixels[at + 2] ?? 0) - g;
        green += g;
        red += r;
        blue += b;
        squares += r * r + b * b;
      }
    }
    const luma = (red + 4 * green + blue) / (4 * SAMPLES);
    const strongest = (green + Math.max(0, red, blue)) / SAMPLES;
    if (luma <= DARK || strongest >= CUT_OFF) return;
    const scale = PERCENT / (luma + LUMA_OFFSET) / SAMPLES;
    const at = this.#count++;
    this.#red[at] = red * scale;
    this.#blue[at] = blue * scale;
    const within = (squares - (red * red + blue * blue) / SAMPLES) / (2 * SAMPLES);
    this.#noise[at] = within * (scale * SAMPLES) ** 2;
  }

  #quantile(values: Float32Array, share: number): number {
    const sorted = this.#sorted.subarray(0, this.#count);
    sorted.set(values.subarray(0, this.#count));
    sorted.sort();
    return sorted[Math.floor(share * (this.#count - 1))] ?? 0;
  }
}
