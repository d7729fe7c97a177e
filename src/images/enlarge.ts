// Enlarges small pictures to the frame, by bicubic interpolation between pixel centres: what Pillow's
// BICUBIC does, which published results were made with. Written here because libvips moves a picture by
// half a pixel when it enlarges one, and takes twice as long.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- loops index within bounds they compute themselves */
import { FRAME_SIDE } from '../core/frame.ts';

const CHANNELS = 3;
const TAPS = 4;
const STRIDE = FRAME_SIDE * CHANNELS;

/** Keys' cubic convolution, a = −0.5. */
const cubic = (distance: number): number => {
  const t = Math.abs(distance);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
};

/** Both (output, tap): which source counts how much. Taps beyond the edge weigh nothing. */
interface Taps {
  readonly sources: Int32Array;
  readonly weights: Float64Array;
}

const tapsFor = (size: number): Taps => {
  const sources = new Int32Array(FRAME_SIDE * TAPS);
  const weights = new Float64Array(FRAME_SIDE * TAPS);
  for (let output = 0; output < FRAME_SIDE; output++) {
    const centre = ((output + 0.5) * size) / FRAME_SIDE - 0.5;
    const indices = Array.from({ length: TAPS }, (_, tap) => Math.floor(centre) - 1 + tap);
    const raw = indices.map((index) => (index < 0 || index >= size ? 0 : cubic(index - centre)));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    for (let tap = 0; tap < TAPS; tap++) {
      sources[output * TAPS + tap] = Math.min(size - 1, Math.max(0, indices[tap]!));
      weights[output * TAPS + tap] = raw[tap]! / sum;
    }
  }
  return { sources, weights };
};

type Pixels = Uint8Array | Uint8ClampedArray;

/** (row, column, channel): each row from `width` pixels to FRAME_SIDE. Clamped arrays round by themselves. */
const widen = (from: Pixels, height: number, width: number, to: Uint8ClampedArray, taps: Taps) => {
  const { sources, weights } = taps;
  for (let row = 0; row < height; row++) {
    const start = row * width * CHANNELS;
    let at = row * STRIDE;
    for (let tap = 0; tap < sources.length; tap += TAPS) {
      for (let channel = 0; channel < CHANNELS; channel++) {
        let sum = 0;
        for (let next = tap; next < tap + TAPS; next++) {
          sum += weights[next]! * from[start + sources[next]! * CHANNELS + channel]!;
        }
        to[at++] = sum;
      }
    }
  }
};

/** (row, column, channel): FRAME_SIDE columns, from any number of rows to FRAME_SIDE. */
const heighten = (from: Pixels, to: Uint8ClampedArray, { sources, weights }: Taps) => {
  for (let row = 0; row < FRAME_SIDE; row++) {
    const tap = row * TAPS;
    const [a, b] = [sources[tap]! * STRIDE, sources[tap + 1]! * STRIDE];
    const [c, d] = [sources[tap + 2]! * STRIDE, sources[tap + 3]! * STRIDE];
    const [p, q, r, s] = [weights[tap]!, weights[tap + 1]!, weights[tap + 2]!, weights[tap + 3]!];
    const start = row * STRIDE;
    for (let x = 0; x < STRIDE; x++) {
      to[start + x] = p * from[a + x]! + q * from[b + x]! + r * from[c + x]! + s * from[d + x]!;
    }
  }
};

export class Enlarger {
  readonly #tapsBySize = new Map<number, Taps>();
  readonly #wide = new Uint8ClampedArray(FRAME_SIDE * STRIDE);

  /**
   * @param picture rgb24, row-major; neither side above FRAME_SIDE
   * @param frame receives FRAME_SIDE × FRAME_SIDE pixels
   */
  enlarge(picture: Uint8Array, width: number, height: number, frame: Uint8Array): void {
    const target = new Uint8ClampedArray(frame.buffer, frame.byteOffset, frame.length);
    if (width === FRAME_SIDE) {
      heighten(picture, target, this.#taps(height));
    } else {
      const wide = height === FRAME_SIDE ? target : this.#wide;
      widen(picture, height, width, wide, this.#taps(width));
      if (wide !== target) heighten(wide, target, this.#taps(height));
    }
  }

  #taps(size: number): Taps {
    const known = this.#tapsBySize.get(size);
    if (known !== undefined) return known;
    const taps = tapsFor(size);
    this.#tapsBySize.set(size, taps);
    return taps;
  }
}
