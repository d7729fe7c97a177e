// From rgb24 to four grey levels. Grey is the mean of r, g and b, kept with 5 fractional bits: rounding each level to
// 8 bits would add noise of the size of the sub-pixel differences that are to be measured.
import { COARSEST, FRAME, INPUT, PAD, imageStride, levelOrigin } from './layout';

/** Builds all levels of the frame at INPUT into `pyramid`. */
export function buildPyramid(pyramid: i32): void {
  greyFromRgb(pyramid + levelOrigin(FRAME));
  replicateBorder(pyramid + levelOrigin(FRAME), FRAME);
  for (let width = FRAME / 2; width >= COARSEST; width /= 2) {
    halve(pyramid + levelOrigin(width * 2), pyramid + levelOrigin(width), width);
    replicateBorder(pyramid + levelOrigin(width), width);
  }
}

/** Eight pixels (24 bytes) at a time; the last load of a frame reads 0 bytes past it, as the second starts at byte 8. */
function greyFromRgb(target: i32): void {
  const twoThirds = i16x8.splat(21845);
  for (let y = 0; y < FRAME; y++) {
    let at = INPUT + y * FRAME * 3;
    let out = target + y * imageStride(FRAME);
    for (let x = 0; x < FRAME; x += 8) {
      const a = v128.load(at);
      const b = v128.load(at, 8);
      const red = i8x16.shuffle(a, b, 0, 3, 6, 9, 12, 15, 26, 29, 0, 0, 0, 0, 0, 0, 0, 0);
      const green = i8x16.shuffle(a, b, 1, 4, 7, 10, 13, 24, 27, 30, 0, 0, 0, 0, 0, 0, 0, 0);
      const blue = i8x16.shuffle(a, b, 2, 5, 8, 11, 14, 25, 28, 31, 0, 0, 0, 0, 0, 0, 0, 0);
      const sum = i16x8.add(
        i16x8.add(i16x8.extend_low_i8x16_u(red), i16x8.extend_low_i8x16_u(green)),
        i16x8.extend_low_i8x16_u(blue),
      );
      v128.store(out, i16x8.q15mulr_sat_s(i16x8.shl(sum, 4), twoThirds)); // sum / 3 x 32 = sum x 16 x 2/3
      at += 24;
      out += 16;
    }
  }
}

/** Rounded mean of 2x2 pixels. `width` is that of the smaller image. */
function halve(source: i32, target: i32, width: i32): void {
  const stride = imageStride(width * 2);
  const two = i16x8.splat(2);
  for (let y = 0; y < width; y++) {
    let from = source + 2 * y * stride;
    let out = target + y * imageStride(width);
    for (let x = 0; x < width; x += 8) {
      const left = i16x8.add(v128.load(from), v128.load(from + stride));
      const right = i16x8.add(v128.load(from, 16), v128.load(from + stride, 16));
      const sum = i16x8.narrow_i32x4_s(
        i32x4.extadd_pairwise_i16x8_s(left),
        i32x4.extadd_pairwise_i16x8_s(right),
      );
      v128.store(out, i16x8.shr_s(i16x8.add(sum, two), 2));
      from += 32;
      out += 16;
    }
  }
}

/** Repeats the edge pixels PAD times outwards on all four sides. */
export function replicateBorder(origin: i32, width: i32): void {
  const stride = imageStride(width);
  for (let y = 0; y < width; y++) {
    const row = origin + y * stride;
    const left = v128.load16_splat(row);
    v128.store(row - 32, left);
    v128.store(row - 16, left);
    const end = row + width * 2;
    const right = v128.load16_splat(end - 2);
    v128.store(end, right);
    v128.store(end, right, 16);
  }
  const top = origin - PAD * 2;
  const bottom = top + (width - 1) * stride;
  for (let y = 1; y <= PAD; y++) {
    memory.copy(top - y * stride, top, stride);
    memory.copy(bottom + y * stride, bottom, stride);
  }
}
