// Inverse search (Kroeger et al. 2016, section 2.1): for each patch of the earlier frame, the displacement u that minimises
// sum (I1(x + u) - I0(x))^2 by Gauss-Newton steps whose Jacobian and Hessian are those of the fixed template.
// Residuals and gradients are taken minus their patch mean, so a change of brightness costs nothing.
import { COARSE_U, COARSE_V, COARSEST, FRAME, GRADIENT_X, GRADIENT_Y, PATCH_U, PATCH_V, imageStride, levelOrigin, planeOrigin, planeStride } from "./layout";
import { PATCH, acrossRow, aim, between, corner, weightX, weightY } from "./sample";
import { touchesActive } from "./activity";
import { SEARCH_STEPS } from "./settings";

/** Half-overlapping patches: each pixel lies in up to four. */
export const STRIDE: i32 = 4;
const PIXELS: f32 = 64;
/** A flat template is not moved: the determinant below is that of squared gradients summing to one grey level per pixel over the patch. */
const LEAST_DETERMINANT: f32 = 4096.0 * 4096.0;

// Results of `compare` (against a displacement) and `prepare` (the template's inverse Hessian), of the present patch.
let squares: f32 = 0;
let alongX: f32 = 0;
let alongY: f32 = 0;
let meanX: f32 = 0;
let meanY: f32 = 0;
let inverse11: f32 = 0;
let inverse12: f32 = 0;
let inverse22: f32 = 0;

@inline
export function patchesAcross(width: i32): i32 {
  return (width - PATCH) / STRIDE + 1;
}

/** Fills PATCH_U and PATCH_V for a level, (patch row, patch column) row-major. Patches over still cells get zero. */
export function searchLevel(earlier: i32, later: i32, width: i32): void {
  const across = patchesAcross(width);
  const scale = FRAME / width;
  let index = 0;
  for (let py = 0; py < across; py++) {
    for (let px = 0; px < across; px++) {
      const x = px * STRIDE;
      const y = py * STRIDE;
      if (touchesActive(x * scale, y * scale, PATCH * scale)) searchPatch(earlier, later, width, x, y, index);
      else {
        store<f32>(PATCH_U + index, 0);
        store<f32>(PATCH_V + index, 0);
      }
      index += 4;
    }
  }
}

function searchPatch(earlier: i32, later: i32, width: i32, x: i32, y: i32, index: i32): void {
  let u: f32 = 0;
  let v: f32 = 0;
  if (width != COARSEST) {
    const at = planeOrigin(width / 2) + (y / 2 + 1) * planeStride(width / 2) + (x / 2 + 1) * 4;
    u = coarseFlow(COARSE_U + at, width / 2);
    v = coarseFlow(COARSE_V + at, width / 2);
  }
  const startU = u;
  const startV = v;
  const offset = levelOrigin(width) + y * imageStride(width) + x * 2;
  prepare(offset, imageStride(width));
  compare(earlier + offset, offset, later, width, <f32>x + u, <f32>y + v);
  let best = squares;
  for (let step = 0; step < SEARCH_STEPS && best > 0; step++) {
    const nextU = u - (inverse11 * alongX + inverse12 * alongY);
    const nextV = v - (inverse12 * alongX + inverse22 * alongY);
    compare(earlier + offset, offset, later, width, <f32>x + nextU, <f32>y + nextV);
    if (squares >= best) break;
    best = squares;
    u = nextU;
    v = nextV;
  }
  // A patch that ran further than its own size has lost its object: keep the coarser level's answer.
  const lost = (u - startU) * (u - startU) + (v - startV) * (v - startV) > <f32>(PATCH * PATCH);
  store<f32>(PATCH_U + index, lost ? startU : u);
  store<f32>(PATCH_V + index, lost ? startV : v);
}

/** The coarser level's flow at the patch's centre, which lies between four of its pixels; doubled, as this level is twice as fine. */
@inline
function coarseFlow(at: i32, width: i32): f32 {
  const below = at + planeStride(width);
  return 0.5 * (load<f32>(at) + load<f32>(at, 4) + load<f32>(below) + load<f32>(below, 4));
}

/** Hessian of the mean-free template, inverted. */
function prepare(offset: i32, stride: i32): void {
  let gx = GRADIENT_X + offset;
  let gy = GRADIENT_Y + offset;
  let xx = i32x4.splat(0);
  let xy = i32x4.splat(0);
  let yy = i32x4.splat(0);
  let sumX = i32x4.splat(0);
  let sumY = i32x4.splat(0);
  for (let row = 0; row < PATCH; row++) {
    const a = v128.load(gx);
    const b = v128.load(gy);
    xx = i32x4.add(xx, i32x4.dot_i16x8_s(a, a));
    xy = i32x4.add(xy, i32x4.dot_i16x8_s(a, b));
    yy = i32x4.add(yy, i32x4.dot_i16x8_s(b, b));
    sumX = i32x4.add(sumX, i32x4.extadd_pairwise_i16x8_s(a));
    sumY = i32x4.add(sumY, i32x4.extadd_pairwise_i16x8_s(b));
    gx += stride;
    gy += stride;
  }
  const products = sumLanes(xx, xy, yy, sumX);
  meanX = f32x4.extract_lane(products, 3) / PIXELS;
  meanY = f32x4.extract_lane(sumLanes(sumY, sumY, sumY, sumY), 0) / PIXELS;
  const h11 = f32x4.extract_lane(products, 0) - PIXELS * meanX * meanX;
  const h12 = f32x4.extract_lane(products, 1) - PIXELS * meanX * meanY;
  const h22 = f32x4.extract_lane(products, 2) - PIXELS * meanY * meanY;
  const determinant = h11 * h22 - h12 * h12;
  // Stored gradients are twice the derivative, so the step (J'J)^-1 J'r comes out at half its length: hence the 2.
  const scale: f32 = determinant > LEAST_DETERMINANT ? 2 / determinant : 0;
  inverse11 = h22 * scale;
  inverse12 = -h12 * scale;
  inverse22 = h11 * scale;
}

/** Sums over the patch of r^2, r gx and r gy, where r = I1(moved) - I0, all mean-free. */
function compare(template: i32, offset: i32, later: i32, width: i32, x: f32, y: f32): void {
  const stride = imageStride(width);
  aim(later, width, x, y);
  let at = corner;
  const wx = i16x8.splat(<i16>weightX);
  const wy = i16x8.splat(<i16>weightY);
  let gx = GRADIENT_X + offset;
  let gy = GRADIENT_Y + offset;
  let rr = i32x4.splat(0);
  let rx = i32x4.splat(0);
  let ry = i32x4.splat(0);
  let sum = i32x4.splat(0);
  let upper = acrossRow(at, wx);
  for (let row = 0; row < PATCH; row++) {
    at += stride;
    const lower = acrossRow(at, wx);
    const r = i16x8.sub(between(upper, lower, wy), v128.load(template));
    rr = i32x4.add(rr, i32x4.dot_i16x8_s(r, r));
    rx = i32x4.add(rx, i32x4.dot_i16x8_s(r, v128.load(gx)));
    ry = i32x4.add(ry, i32x4.dot_i16x8_s(r, v128.load(gy)));
    sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_s(r));
    upper = lower;
    template += stride;
    gx += stride;
    gy += stride;
  }
  const sums = sumLanes(rr, rx, ry, sum);
  const total = f32x4.extract_lane(sums, 3);
  squares = f32x4.extract_lane(sums, 0) - total * total / PIXELS;
  alongX = f32x4.extract_lane(sums, 1) - total * meanX;
  alongY = f32x4.extract_lane(sums, 2) - total * meanY;
}

/** Four integer vectors to the vector of their four sums, as floats. */
@inline
function sumLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const p = f32x4.convert_i32x4_s(a);
  const q = f32x4.convert_i32x4_s(b);
  const r = f32x4.convert_i32x4_s(c);
  const s = f32x4.convert_i32x4_s(d);
  const pq = f32x4.add(i32x4.shuffle(p, q, 0, 4, 1, 5), i32x4.shuffle(p, q, 2, 6, 3, 7));
  const rs = f32x4.add(i32x4.shuffle(r, s, 0, 4, 1, 5), i32x4.shuffle(r, s, 2, 6, 3, 7));
  return f32x4.add(i32x4.shuffle(pq, rs, 0, 1, 4, 5), i32x4.shuffle(pq, rs, 2, 3, 6, 7));
}
