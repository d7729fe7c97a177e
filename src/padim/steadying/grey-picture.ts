// A frame in grey at half its side: what is compared to find out how far a camera shook.
import { FRAME_SIDE } from '../../core/frame.ts';

export const GREY_SIDE = FRAME_SIDE / 2;

/**
 * Means of two by two pixels, green counted twice, 0..255.
 *
 * @param pixels frames, rgb24
 * @param from where the frame begins, bytes
 * @param grey (row, column) of GREY_SIDE, written
 */
export const greyPicture = (pixels: Uint8Array, from: number, grey: Float32Array): void => {
  const stride = FRAME_SIDE * 3;
  let to = 0;
  for (let row = 0; row < GREY_SIDE; row++) {
    let at = from + 2 * row * stride;
    for (let column = 0; column < GREY_SIDE; column++, at += 6) {
      const below = at + stride;
      const green = pixels[at + 1]! + pixels[at + 4]! + pixels[below + 1]! + pixels[below + 4]!;
      const others =
        pixels[at]! +
        pixels[at + 2]! +
        pixels[at + 3]! +
        pixels[at + 5]! +
        pixels[below]! +
        pixels[below + 2]! +
        pixels[below + 3]! +
        pixels[below + 5]!;
      grey[to++] = (2 * green + others) / 16;
    }
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
