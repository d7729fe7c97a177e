// Densification (section 2.2): the flow of a pixel is the mean of the patches over it, each weighted by
// 1 / max(1, |I1(x + u) - I0(x)|), the difference in grey levels: a patch that does not explain a pixel has little say there.
import { FLOW_U, FLOW_V, FRAME, GREY_UNIT, PATCH_U, PATCH_V, SMOOTH, imageStride, levelOrigin, planeBytes, planeOrigin, planeStride } from "./layout";
import { PATCH, acrossRow, aim, between, corner, weightX, weightY } from "./sample";
import { STRIDE, patchesAcross } from "./search";
import { touchesActive } from "./activity";

const WEIGHT: i32 = SMOOTH;

export function densify(earlier: i32, later: i32, width: i32): void {
  memory.fill(WEIGHT, 0, planeBytes(width));
  memory.fill(FLOW_U, 0, planeBytes(width));
  memory.fill(FLOW_V, 0, planeBytes(width));
  const across = patchesAcross(width);
  const scale = FRAME / width;
  let index = 0;
  for (let py = 0; py < across; py++) {
    for (let px = 0; px < across; px++) {
      const x = px * STRIDE;
      const y = py * STRIDE;
      if (touchesActive(x * scale, y * scale, PATCH * scale)) {
        spread(earlier, later, width, x, y, load<f32>(PATCH_U + index), load<f32>(PATCH_V + index));
      }
      index += 4;
    }
  }
  divideByWeight(width);
}

/** Pixels that no active patch covers keep their zero flow. */
function divideByWeight(width: i32): void {
  const least = f32x4.splat(1e-6);
  const end = planeBytes(width);
  for (let at = 0; at < end; at += 16) {
    const weight = v128.load(at, WEIGHT);
    if (!v128.any_true(weight)) continue;
    const inverse = f32x4.div(f32x4.splat(1), f32x4.max(weight, least));
    v128.store(at, f32x4.mul(v128.load(at, FLOW_U), inverse), FLOW_U);
    v128.store(at, f32x4.mul(v128.load(at, FLOW_V), inverse), FLOW_V);
  }
}

function spread(earlier: i32, later: i32, width: i32, x: i32, y: i32, u: f32, v: f32): void {
  const stride = imageStride(width);
  aim(later, width, <f32>x + u, <f32>y + v);
  let at = corner;
  const wx = i16x8.splat(<i16>weightX);
  const wy = i16x8.splat(<i16>weightY);
  const uu = f32x4.splat(u);
  const vv = f32x4.splat(v);
  let template = earlier + levelOrigin(width) + y * stride + x * 2;
  let out = planeOrigin(width) + y * planeStride(width) + x * 4;
  let upper = acrossRow(at, wx);
  for (let row = 0; row < PATCH; row++) {
    at += stride;
    const lower = acrossRow(at, wx);
    const r = i16x8.sub(between(upper, lower, wy), v128.load(template));
    const difference = i16x8.max_s(i16x8.abs(r), i16x8.splat(<i16>GREY_UNIT));
    add(out, i32x4.extend_low_i16x8_s(difference), uu, vv);
    add(out + 16, i32x4.extend_high_i16x8_s(difference), uu, vv);
    upper = lower;
    template += stride;
    out += planeStride(width);
  }
}

@inline
function add(out: i32, difference: v128, u: v128, v: v128): void {
  const weight = f32x4.div(f32x4.splat(<f32>GREY_UNIT), f32x4.convert_i32x4_s(difference));
  v128.store(out, f32x4.add(v128.load(out, WEIGHT), weight), WEIGHT);
  v128.store(out, f32x4.add(v128.load(out, FLOW_U), f32x4.mul(weight, u)), FLOW_U);
  v128.store(out, f32x4.add(v128.load(out, FLOW_V), f32x4.mul(weight, v)), FLOW_V);
}
