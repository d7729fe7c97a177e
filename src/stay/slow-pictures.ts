// Slow pictures of one camera: the median of seven pictures over six seconds shows what stays. What passes by, rain, snow and
// sensor noise are gone from it; what stays is in it from the moment that it covers half of the time.
import { FRAME_BYTES } from '../core/frame.ts';
import { MEDIAN_PICTURES, plainMedian, type MedianOfSeven } from '../motion/median-kernel.ts';

/** Between two pictures of the seven. */
const STEP_MS = 1_000;

export interface SlowPicturesOptions {
  /** Frames a second that `add` is given. */
  readonly fps: number;
  /** openMedian() (motion/open-median.ts) takes 0.2 ms a picture; the plain one when left out, many times slower. */
  readonly median?: MedianOfSeven | undefined;
}

export class SlowPictures {
  readonly #median: MedianOfSeven;
  /** Whole frames, a second or more; less would see what passes slowly as what stays. */
  readonly #stepMs: number;
  readonly #toleranceMs: number;
  /** The newest pictures in any order, the oldest at `#next`. */
  readonly #ring: Uint8Array[] = [];
  readonly #result = new Uint8Array(FRAME_BYTES);
  #held = 0;
  #next = 0;
  #takenAtMs = -Infinity;

  constructor({ fps, median }: SlowPicturesOptions) {
    this.#median = median ?? plainMedian;
    const frameMs = 1_000 / fps;
    // A hundredth: 29.97 frames a second mean 30 a step, not 31.
    this.#stepMs = frameMs * Math.max(1, Math.ceil(STEP_MS / frameMs - 0.01));
    this.#toleranceMs = frameMs / 2;
  }

  /** Stream time from one slow picture to the next, milliseconds. */
  get stepMs(): number {
    return this.#stepMs;
  }

  /**
   * Takes every frame of the camera, in order; it copies those it needs.
   * @param pixels FRAME_BYTES, rgb24
   * @param mediaTimeMs stream time of the frame; where it jumps back, nothing before counts
   * @returns the slow picture, FRAME_BYTES, when a new one is due: its own memory, valid until the next call
   */
  add(pixels: Uint8Array, mediaTimeMs: number): Uint8Array | undefined {
    if (mediaTimeMs < this.#takenAtMs) this.reset();
    // Frames don't come on the dot: half a frame early is in time.
    if (mediaTimeMs - this.#takenAtMs < this.#stepMs - this.#toleranceMs) return undefined;
    this.#takenAtMs = mediaTimeMs;
    (this.#ring[this.#next] ??= new Uint8Array(FRAME_BYTES)).set(pixels);
    this.#next = (this.#next + 1) % MEDIAN_PICTURES;
    this.#held = Math.min(this.#held + 1, MEDIAN_PICTURES);
    if (this.#held < MEDIAN_PICTURES) return undefined;
    this.#median(this.#ring, this.#result);
    return this.#result;
  }

  /** What was seen no longer belongs to what comes: after a gap, a reconnection, another scene. */
  reset(): void {
    this.#held = 0;
    this.#next = 0;
    this.#takenAtMs = -Infinity;
  }
}
