// Variational refinement (section 2.3): minimises  sum delta Psi(E_I) + gamma Psi(E_G) + alpha Psi(E_S),
// Psi(s^2) = sqrt(s^2 + epsilon^2), by fixed-point iterations: the robust weights are frozen at the present flow, then a few
// Gauss-Seidel sweeps go towards the solution of the linear system that results. Only active cells take part: outside, flow is zero.
import { CROSS, FLOW_U, FLOW_V, FRAME, INTENSITY, INVERSE_U, INVERSE_V, NEXT_PLANE, RIGHT_U, RIGHT_V, RUNS, RUN_ROW_BYTES, SLOPE_X, SLOPE_Y, SMOOTH, planeBytes, planeOrigin, planeStride } from "./layout";
import { ALPHA, DELTA, EPSILON2, GAMMA, OMEGA, OUTER, SWEEPS } from "./settings";
import { linearise } from "./constraints";

const ROW: i32 = 1056; // planeStride(FRAME), as a constant for load offsets

/** Refines FLOW_U and FLOW_V at full size in place. */
export function refine(earlier: i32, later: i32): void {
  if (OUTER == 0) return;
  linearise(earlier, later);
  memory.fill(SMOOTH, 0, planeBytes(FRAME));
  for (let i = 0; i < OUTER; i++) {
    repeatEdge(FLOW_U + planeOrigin(FRAME));
    repeatEdge(FLOW_V + planeOrigin(FRAME));
    for (let y = 0; y < FRAME; y++) {
      let run = RUNS + (y >> 3) * RUN_ROW_BYTES;
      for (let left = load<i32>(run); left > 0; left--) {
        weighRow(y, load<i32>(run, 4), load<i32>(run, 8));
        run += 8;
      }
    }
    // Sweep s follows one row behind sweep s - 1: the result is that of whole sweeps one after the other, but the rows in
    // use stay in the first-level cache.
    for (let front = 0; front < FRAME + SWEEPS - 1; front++) {
      const last = min(SWEEPS - 1, front);
      for (let sweep = max(0, front - FRAME + 1); sweep <= last; sweep++) {
        const y = front - sweep;
        let run = RUNS + (y >> 3) * RUN_ROW_BYTES;
        for (let left = load<i32>(run); left > 0; left--) {
          relaxRow(y, load<i32>(run, 4), load<i32>(run, 8));
          run += 8;
        }
      }
    }
  }
}

/** Repeats the last column and row outwards, so that nothing flows to or from beyond the frame. */
function repeatEdge(origin: i32): void {
  for (let y = 0; y < FRAME; y++) {
    const end = origin + y * ROW + FRAME * 4;
    store<f32>(end, load<f32>(end - 4));
  }
  memory.copy(origin + FRAME * ROW, origin + (FRAME - 1) * ROW, FRAME * 4);
}

@inline
function square(a: v128): v128 {
  return f32x4.mul(a, a);
}

/** weight x the derivative of Psi (times two, a factor common to all terms). */
@inline
function robust(weight: f32, s2: v128): v128 {
  return f32x4.div(f32x4.splat(weight), f32x4.sqrt(f32x4.add(s2, f32x4.splat(EPSILON2))));
}

@inline
function residual(cx: v128, cy: v128, c: v128, u: v128, v: v128): v128 {
  return f32x4.add(f32x4.add(f32x4.mul(cx, u), f32x4.mul(cy, v)), c);
}

@inline
function combine(wi: v128, wg: v128, a: v128, b: v128, c: v128, d: v128, e: v128, f: v128): v128 {
  return f32x4.add(f32x4.mul(wi, f32x4.mul(a, b)), f32x4.mul(wg, f32x4.add(f32x4.mul(c, d), f32x4.mul(e, f))));
}

/**
 * Robust weights and the linear system of one row: (A11 + S) U + A12 V = b1 + sum of neighbours, and alike for V. SMOOTH at (x, y)
 * belongs to the edges to (x+1, y) and (x, y+1), whose differences it was computed from.
 */
function weighRow(y: i32, from: i32, to: i32): void {
  let at = planeOrigin(FRAME) + y * planeStride(FRAME) + from * 4;
  const omega = f32x4.splat(OMEGA);
  let west = v128.load(at - 16, SMOOTH);
  for (let x = from; x < to; x += 4) {
    const u = v128.load(at, FLOW_U);
    const v = v128.load(at, FLOW_V);
    const du = f32x4.add(square(f32x4.sub(v128.load(at, FLOW_U + 4), u)), square(f32x4.sub(v128.load(at, FLOW_U + ROW), u)));
    const dv = f32x4.add(square(f32x4.sub(v128.load(at, FLOW_V + 4), v)), square(f32x4.sub(v128.load(at, FLOW_V + ROW), v)));
    const smooth = robust(ALPHA, f32x4.add(du, dv));
    const ax = v128.load(at, INTENSITY);
    const ay = v128.load(at, INTENSITY + NEXT_PLANE);
    const ac = v128.load(at, INTENSITY + 2 * NEXT_PLANE);
    const bx = v128.load(at, SLOPE_X);
    const by = v128.load(at, SLOPE_X + NEXT_PLANE);
    const bc = v128.load(at, SLOPE_X + 2 * NEXT_PLANE);
    const cx = v128.load(at, SLOPE_Y);
    const cy = v128.load(at, SLOPE_Y + NEXT_PLANE);
    const cc = v128.load(at, SLOPE_Y + 2 * NEXT_PLANE);
    const wi = robust(DELTA, square(residual(ax, ay, ac, u, v)));
    const wg = robust(GAMMA, f32x4.add(square(residual(bx, by, bc, u, v)), square(residual(cx, cy, cc, u, v))));
    const around = f32x4.add(
      f32x4.add(smooth, smooth),
      f32x4.add(i32x4.shuffle(west, smooth, 3, 4, 5, 6), v128.load(at, SMOOTH - ROW)),
    );
    v128.store(at, smooth, SMOOTH);
    v128.store(at, combine(wi, wg, ax, ay, bx, by, cx, cy), CROSS);
    v128.store(at, f32x4.div(omega, f32x4.add(combine(wi, wg, ax, ax, bx, bx, cx, cx), around)), INVERSE_U);
    v128.store(at, f32x4.div(omega, f32x4.add(combine(wi, wg, ay, ay, by, by, cy, cy), around)), INVERSE_V);
    v128.store(at, combine(wi, wg, ax, ac, bx, bc, cx, cc), RIGHT_U);
    v128.store(at, combine(wi, wg, ay, ac, by, bc, cy, cc), RIGHT_V);
    west = smooth;
    at += 16;
  }
}

/**
 * One over-relaxed row: new values above, old ones elsewhere. Left and right neighbours come from registers, because reading
 * them back across two fresh stores would stall on each step.
 */
function relaxRow(y: i32, from: i32, to: i32): void {
  let at = planeOrigin(FRAME) + y * planeStride(FRAME) + from * 4;
  const keep = f32x4.splat(1 - OMEGA);
  let lastU = v128.load(at - 16, FLOW_U);
  let lastV = v128.load(at - 16, FLOW_V);
  let lastS = v128.load(at - 16, SMOOTH);
  let u = v128.load(at, FLOW_U);
  let v = v128.load(at, FLOW_V);
  for (let x = from; x < to; x += 4) {
    const nextU = v128.load(at, FLOW_U + 16);
    const nextV = v128.load(at, FLOW_V + 16);
    const s = v128.load(at, SMOOTH);
    const west = i32x4.shuffle(lastS, s, 3, 4, 5, 6);
    const north = v128.load(at, SMOOTH - ROW);
    const cross = v128.load(at, CROSS);
    const sumU = f32x4.add(
      f32x4.mul(s, f32x4.add(i32x4.shuffle(u, nextU, 1, 2, 3, 4), v128.load(at, FLOW_U + ROW))),
      f32x4.add(f32x4.mul(west, i32x4.shuffle(lastU, u, 3, 4, 5, 6)), f32x4.mul(north, v128.load(at, FLOW_U - ROW))),
    );
    const sumV = f32x4.add(
      f32x4.mul(s, f32x4.add(i32x4.shuffle(v, nextV, 1, 2, 3, 4), v128.load(at, FLOW_V + ROW))),
      f32x4.add(f32x4.mul(west, i32x4.shuffle(lastV, v, 3, 4, 5, 6)), f32x4.mul(north, v128.load(at, FLOW_V - ROW))),
    );
    const rightU = f32x4.sub(sumU, f32x4.add(v128.load(at, RIGHT_U), f32x4.mul(cross, v)));
    const newU = f32x4.add(f32x4.mul(keep, u), f32x4.mul(v128.load(at, INVERSE_U), rightU));
    const rightV = f32x4.sub(sumV, f32x4.add(v128.load(at, RIGHT_V), f32x4.mul(cross, newU)));
    const newV = f32x4.add(f32x4.mul(keep, v), f32x4.mul(v128.load(at, INVERSE_V), rightV));
    v128.store(at, newU, FLOW_U);
    v128.store(at, newV, FLOW_V);
    lastU = u;
    lastV = v;
    lastS = s;
    u = nextU;
    v = nextV;
    at += 16;
  }
}
