// From the dense flow to the 32x32 grid.
import { ACTIVE, CELLS, CELL_CHANNELS, FLOW_U, FLOW_V, FRAME, GRID, planeOrigin, planeStride } from "./layout";

/** Writes CELLS: per cell mean magnitude, maximum magnitude, mean u, mean v, in frame pixels. Still cells are zero. */
export function summarise(): void {
  memory.fill(CELLS, 0, GRID * GRID * CELL_CHANNELS * 4);
  for (let cy = 0; cy < GRID; cy++) {
    for (let cx = 0; cx < GRID; cx++) {
      const cell = cy * GRID + cx;
      if (load<u8>(ACTIVE + cell)) summariseCell(planeOrigin(FRAME) + cy * 8 * planeStride(FRAME) + cx * 32, CELLS + cell * CELL_CHANNELS * 4);
    }
  }
}

function summariseCell(at: i32, out: i32): void {
  let u = f32x4.splat(0);
  let v = f32x4.splat(0);
  let sum = f32x4.splat(0);
  let top = f32x4.splat(0);
  for (let row = 0; row < 8; row++) {
    for (let half = 0; half < 32; half += 16) {
      const a = v128.load(at + half, FLOW_U);
      const b = v128.load(at + half, FLOW_V);
      const magnitude = f32x4.sqrt(f32x4.add(f32x4.mul(a, a), f32x4.mul(b, b)));
      u = f32x4.add(u, a);
      v = f32x4.add(v, b);
      sum = f32x4.add(sum, magnitude);
      top = f32x4.max(top, magnitude);
    }
    at += planeStride(FRAME);
  }
  const pairs = f32x4.max(top, i32x4.shuffle(top, top, 2, 3, 2, 3));
  store<f32>(out, sumOf(sum) / 64);
  store<f32>(out, max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1)), 4);
  store<f32>(out, sumOf(u) / 64, 8);
  store<f32>(out, sumOf(v) / 64, 12);
}

@inline
function sumOf(a: v128): f32 {
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3));
}
