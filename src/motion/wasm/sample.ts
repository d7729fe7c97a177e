// Where a moved 8x8 patch is read, and with which bilinear weights. Fixed point: a weight w is w x 32767, and
// a + q15mul(b - a, w) interpolates eight pixels in three instructions.
import { imageStride, levelOrigin } from "./layout";

export const PATCH: i32 = 8;

/** Set by `aim`: address of the patch's whole-pixel corner, and the splatted fractions. */
export let corner: i32 = 0;
export let weightX: i32 = 0;
export let weightY: i32 = 0;

/** Patches are kept within the replicated border: further out nothing is left to compare with. */
@inline
export function aim(image: i32, width: i32, x: f32, y: f32): void {
  const limit = <f32>width - 0.01;
  const tx = max<f32>(-8, min<f32>(limit, x));
  const ty = max<f32>(-8, min<f32>(limit, y));
  const ix = floor(tx);
  const iy = floor(ty);
  corner = image + levelOrigin(width) + <i32>iy * imageStride(width) + <i32>ix * 2;
  weightX = <i32>((tx - ix) * 32767 + 0.5);
  weightY = <i32>((ty - iy) * 32767 + 0.5);
}

/** Eight pixels of a row, interpolated horizontally. */
@inline
export function acrossRow(at: i32, weight: v128): v128 {
  const a = v128.load(at);
  return i16x8.add(a, i16x8.q15mulr_sat_s(i16x8.sub(v128.load(at, 2), a), weight));
}

@inline
export function between(upper: v128, lower: v128, weight: v128): v128 {
  return i16x8.add(upper, i16x8.q15mulr_sat_s(i16x8.sub(lower, upper), weight));
}
