// A frame moved back to where its camera stood.
import { FRAME_SIDE } from '../../core/frame.ts';

/**
 * Bilinear; what comes in from beyond the border is the reference's.
 *
 * @param pixels frames, rgb24; the frame at `from` (bytes) lies at (x + dx, y + dy) where the reference has (x, y)
 * @param reference a frame, rgb24
 * @param out frames; the one at `from` is written
 */
export const shiftPicture = (
  pixels: Uint8Array,
  from: number,
  { dx, dy }: { readonly dx: number; readonly dy: number },
  reference: Uint8Array,
  out: Uint8Array,
): void => {
  const stride = FRAME_SIDE * 3;
  const left = Math.floor(dx);
  const top = Math.floor(dy);
  // Weights of the four neighbours in 256ths.
  const fx = Math.round((dx - left) * 16);
  const fy = Math.round((dy - top) * 16);
  const weights = [(16 - fx) * (16 - fy), fx * (16 - fy), (16 - fx) * fy, fx * fy] as const;
  const [first, second, third, fourth] = weights;
  const firstColumn = Math.max(0, -left);
  const endColumn = Math.min(FRAME_SIDE, FRAME_SIDE - 1 - left);
  for (let row = 0; row < FRAME_SIDE; row++) {
    const to = from + row * stride;
    const y = row + top;
    if (y < 0 || y + 1 >= FRAME_SIDE || firstColumn >= endColumn) {
      out.set(reference.subarray(row * stride, (row + 1) * stride), to);
      continue;
    }
    out.set(reference.subarray(row * stride, row * stride + firstColumn * 3), to);
    out.set(
      reference.subarray(row * stride + endColumn * 3, (row + 1) * stride),
      to + endColumn * 3,
    );
    let at = from + y * stride + (firstColumn + left) * 3;
    for (let index = to + firstColumn * 3; index < to + endColumn * 3; index++, at++) {
      out[index] =
        (first * pixels[at]! +
          second * pixels[at + 3]! +
          third * pixels[at + stride]! +
          fourth * pixels[at + stride + 3]! +
          128) >>
        8;
    }
  }
};
