// A frame in grey at half its side: what is compared to find out how far a camera shook.
import { FRAME_SIDE } from '../../core/frame.ts';

export const GREY_SIDE = FRAME_SIDE / 2;

const STRIDE = FRAME_SIDE * 3;

/** Mean of the two by two pixels whose first lies at `at` (bytes), green counted twice. */
const greyAt = (pixels: Uint8Array, at: number): number => {
  const below = at + STRIDE;
  const green = pixels[at + 1]! + pixels[at + 4]! + pixels[below + 1]! + pixels[below + 4]!;
  const upper = pixels[at]! + pixels[at + 2]! + pixels[at + 3]! + pixels[at + 5]!;
  const lower = pixels[below]! + pixels[below + 2]! + pixels[below + 3]! + pixels[below + 5]!;
  return (2 * green + upper + lower) / 16;
};

/**
 * 0..255.
 *
 * @param pixels frames, rgb24
 * @param from where the frame begins, bytes
 * @param grey (row, column) of GREY_SIDE, written
 */
export const greyPicture = (pixels: Uint8Array, from: number, grey: Float32Array): void => {
  let to = 0;
  for (let row = 0; row < GREY_SIDE; row++) {
    let at = from + 2 * row * STRIDE;
    for (let column = 0; column < GREY_SIDE; column++, at += 6) grey[to++] = greyAt(pixels, at);
  }
};

/** As `greyPicture`, of some cells only; the others stay as they are. */
export const greyPlaces = (
  pixels: Uint8Array,
  from: number,
  places: Int32Array,
  grey: Float32Array,
): void => {
  for (const place of places) {
    const row = Math.floor(place / GREY_SIDE);
    grey[place] = greyAt(pixels, from + 2 * row * STRIDE + 6 * (place - row * GREY_SIDE));
  }
};

/** Means of four by four cells: what a large step is looked for in. */
export const quartered = (grey: Float32Array, side: number, out: Float32Array): void => {
  const outSide = side / 4;
  for (let row = 0; row < outSide; row++) {
    for (let column = 0; column < outSide; column++) {
      let sum = 0;
      for (let y = 0; y < 4; y++) {
        const at = (4 * row + y) * side + 4 * column;
        sum += grey[at]! + grey[at + 1]! + grey[at + 2]! + grey[at + 3]!;
      }
      out[row * outSide + column] = sum / 16;
    }
  }
};
