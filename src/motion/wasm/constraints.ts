// The linearised data terms of the refinement (section 2.3; Brox et al. 2004, normalised as in Zimmer et al. 2011). At each
// pixel three constraints  cx U + cy V + c = 0  on the flow (U, V): constancy of the intensity and of the two components of its
// gradient. Each is divided by the length of its spatial part, so that it measures a distance in pixels.
import { DIFF_IMAGE, FLOW_U, FLOW_V, FRAME, INTENSITY, NEXT_PLANE, RUNS, RUN_ROW_BYTES, SLOPE_X, SLOPE_Y, SUM_IMAGE, imageStride, levelOrigin, planeOrigin, planeStride } from "./layout";
import { replicateBorder } from "./pyramid";
import { ZETA2 } from "./settings";

const IMAGE_STRIDE: i32 = 576; // imageStride(FRAME), as a constant for load offsets
const FRACTION: i32 = 16384;

/** Fills INTENSITY, SLOPE_X and SLOPE_Y over the runs of active cells, for the present flow. */
export function linearise(earlier: i32, later: i32): void {
  combineStill(earlier, later);
  for (let y = 0; y < FRAME; y++) {
    let run = RUNS + (y >> 3) * RUN_ROW_BYTES;
    for (let left = load<i32>(run); left > 0; left--) {
      warpRow(earlier, later, y, load<i32>(run, 4), load<i32>(run, 8));
      run += 8;
    }
  }
  replicateBorder(SUM_IMAGE + levelOrigin(FRAME), FRAME);
  replicateBorder(DIFF_IMAGE + levelOrigin(FRAME), FRAME);
  for (let y = 0; y < FRAME; y++) {
    let run = RUNS + (y >> 3) * RUN_ROW_BYTES;
    for (let left = load<i32>(run); left > 0; left--) {
      deriveRow(y, load<i32>(run, 4), load<i32>(run, 8));
      run += 8;
    }
  }
}

/** Sum and difference of both frames, unmoved: what still cells next to active ones need to have. */
function combineStill(earlier: i32, later: i32): void {
  for (let y = 0; y < FRAME; y++) {
    let at = levelOrigin(FRAME) + y * IMAGE_STRIDE;
    for (let x = 0; x < FRAME; x += 8) {
      const a = v128.load(earlier + at);
      const b = v128.load(later + at);
      v128.store(at, i16x8.add(b, a), SUM_IMAGE);
      v128.store(at, i16x8.sub(b, a), DIFF_IMAGE);
      at += 16;
    }
  }
}

/** The same with the later frame moved back by the flow, 4 pixels at a time. */
function warpRow(earlier: i32, later: i32, y: i32, from: i32, to: i32): void {
  const lowest = f32x4.splat(-2);
  const highest = f32x4.splat(<f32>FRAME);
  const base = later + levelOrigin(FRAME);
  const row = f32x4.splat(<f32>y);
  let at = planeOrigin(FRAME) + y * planeStride(FRAME) + from * 4;
  let image = levelOrigin(FRAME) + y * IMAGE_STRIDE + from * 2;
  let column = f32x4.add(f32x4.splat(<f32>from), f32x4(0, 1, 2, 3));
  for (let x = from; x < to; x += 4) {
    const tx = f32x4.max(lowest, f32x4.min(highest, f32x4.add(column, v128.load(at, FLOW_U))));
    const ty = f32x4.max(lowest, f32x4.min(highest, f32x4.add(row, v128.load(at, FLOW_V))));
    const ix = f32x4.floor(tx);
    const iy = f32x4.floor(ty);
    const address = i32x4.add(i32x4.mul(i32x4.trunc_sat_f32x4_s(iy), i32x4.splat(IMAGE_STRIDE)), i32x4.shl(i32x4.trunc_sat_f32x4_s(ix), 1));
    const p0 = base + i32x4.extract_lane(address, 0);
    const p1 = base + i32x4.extract_lane(address, 1);
    const p2 = base + i32x4.extract_lane(address, 2);
    const p3 = base + i32x4.extract_lane(address, 3);
    // Each 32-bit lane holds two neighbouring pixels; a 16-bit dot product with (1 - f, f) interpolates them.
    let upper = v128.load32_zero(p0);
    upper = v128.load32_lane(p1, upper, 1);
    upper = v128.load32_lane(p2, upper, 2);
    upper = v128.load32_lane(p3, upper, 3);
    let lower = v128.load32_zero(p0, IMAGE_STRIDE);
    lower = v128.load32_lane(p1, lower, 1, IMAGE_STRIDE);
    lower = v128.load32_lane(p2, lower, 2, IMAGE_STRIDE);
    lower = v128.load32_lane(p3, lower, 3, IMAGE_STRIDE);
    const fraction = i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.sub(tx, ix), f32x4.splat(<f32>FRACTION)));
    const weights = v128.or(i32x4.sub(i32x4.splat(FRACTION), fraction), i32x4.shl(fraction, 16));
    const top = f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(upper, weights));
    const bottom = f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(lower, weights));
    const value = f32x4.add(top, f32x4.mul(f32x4.sub(bottom, top), f32x4.sub(ty, iy)));
    const moved = i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.mul(value, f32x4.splat(1.0 / <f32>FRACTION)), f32x4.splat(0.5)));
    const still = v128.load16x4_s(earlier + image);
    const both = i16x8.narrow_i32x4_s(i32x4.add(moved, still), i32x4.sub(moved, still));
    v128.store64_lane(image, both, 0, SUM_IMAGE);
    v128.store64_lane(image, both, 1, DIFF_IMAGE);
    column = f32x4.add(column, f32x4.splat(4));
    at += 16;
    image += 8;
  }
}

@inline
function widen(at: i32): v128 {
  return v128.load16x4_s(at);
}

@inline
function acrossX(at: i32, factor: f32): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(widen(at + 2), widen(at - 2))), f32x4.splat(factor));
}

@inline
function acrossY(at: i32, factor: f32): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(widen(at + IMAGE_STRIDE), widen(at - IMAGE_STRIDE))), f32x4.splat(factor));
}

/**
 * Derivatives by central differences. The sum image has 64 units a grey level and a central difference spans two pixels,
 * hence 1/128 for a first derivative of the mean frame, 1/256 for a second; the difference image has 32 units.
 */
function deriveRow(y: i32, from: i32, to: i32): void {
  let sum = SUM_IMAGE + levelOrigin(FRAME) + y * IMAGE_STRIDE + from * 2;
  let diff = DIFF_IMAGE + levelOrigin(FRAME) + y * IMAGE_STRIDE + from * 2;
  let out = planeOrigin(FRAME) + y * planeStride(FRAME) + from * 4;
  const second = f32x4.splat(1.0 / 256);
  for (let x = from; x < to; x += 4) {
    const twice = i32x4.shl(widen(sum), 1);
    const xx = f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(i32x4.add(widen(sum + 4), widen(sum - 4)), twice)), second);
    const yy = f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(i32x4.add(widen(sum + 2 * IMAGE_STRIDE), widen(sum - 2 * IMAGE_STRIDE)), twice)), second);
    const xy = f32x4.sub(acrossX(sum + IMAGE_STRIDE, 1.0 / 256), acrossX(sum - IMAGE_STRIDE, 1.0 / 256));
    const time = f32x4.mul(f32x4.convert_i32x4_s(widen(diff)), f32x4.splat(1.0 / 32));
    const u = v128.load(out, FLOW_U);
    const v = v128.load(out, FLOW_V);
    constrain(out + INTENSITY, acrossX(sum, 1.0 / 128), acrossY(sum, 1.0 / 128), time, u, v);
    constrain(out + SLOPE_X, xx, xy, acrossX(diff, 1.0 / 64), u, v);
    constrain(out + SLOPE_Y, xy, yy, acrossY(diff, 1.0 / 64), u, v);
    sum += 8;
    diff += 8;
    out += 16;
  }
}

/** Stores one constraint, normalised. It was linearised around (u, v); folding that in makes it one on the total flow. */
@inline
function constrain(out: i32, cx: v128, cy: v128, time: v128, u: v128, v: v128): void {
  const length2 = f32x4.add(f32x4.add(f32x4.mul(cx, cx), f32x4.mul(cy, cy)), f32x4.splat(ZETA2));
  const inverse = f32x4.div(f32x4.splat(1), f32x4.sqrt(length2));
  const folded = f32x4.sub(time, f32x4.add(f32x4.mul(cx, u), f32x4.mul(cy, v)));
  v128.store(out, f32x4.mul(cx, inverse));
  v128.store(out, f32x4.mul(cy, inverse), NEXT_PLANE);
  v128.store(out, f32x4.mul(folded, inverse), 2 * NEXT_PLANE);
}
