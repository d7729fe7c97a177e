// Which cells can hold motion at all. Where nothing changed beyond the sensor's noise, flow is zero and nothing is computed:
// on a fixed camera that is most of the frame, and it pays for full resolution in the rest.
import {
  ACTIVE,
  CHANGE,
  FRAME,
  GRID,
  HISTOGRAM,
  HISTOGRAM_BYTES,
  RUNS,
  RUN_ROW_BYTES,
  imageStride,
  levelOrigin,
} from './layout';
import { CHANGE_MINIMUM, CHANGED_CELLS_LIMIT } from './settings';

/** Marks the active cells of a pair of frames and lists their runs. Returns their number. */
export function findActivity(earlier: i32, later: i32): i32 {
  measureChange(earlier + levelOrigin(FRAME / 2), later + levelOrigin(FRAME / 2));
  markDilated(threshold());
  return listRuns();
}

/** Largest absolute difference in a cell at half size (the mean of 2x2 pixels halves the noise), in image units. */
function measureChange(earlier: i32, later: i32): void {
  const stride = imageStride(FRAME / 2);
  for (let cy = 0; cy < GRID; cy++) {
    for (let cx = 0; cx < GRID; cx += 2) {
      let at = cy * 4 * stride + cx * 8;
      let top = i16x8.splat(0);
      for (let row = 0; row < 4; row++) {
        top = i16x8.max_s(
          top,
          i16x8.abs(i16x8.sub(v128.load(later + at), v128.load(earlier + at))),
        );
        at += stride;
      }
      top = i16x8.max_s(top, i16x8.shuffle(top, top, 2, 3, 2, 3, 6, 7, 6, 7));
      top = i16x8.max_s(top, i16x8.shuffle(top, top, 1, 1, 1, 1, 5, 5, 5, 5));
      const out = CHANGE + (cy * GRID + cx) * 2;
      store<i16>(out, i16x8.extract_lane_s(top, 0));
      store<i16>(out, i16x8.extract_lane_s(top, 4), 2);
    }
  }
}

/**
 * The fixed minimum, raised (in whole grey levels) until at most CHANGED_CELLS_LIMIT cells pass: with a shaking camera or a
 * noisy night the time per frame stays bounded and the most changed cells are kept.
 */
function threshold(): i32 {
  memory.fill(HISTOGRAM, 0, HISTOGRAM_BYTES);
  for (let cell = 0; cell < GRID * GRID; cell++) {
    const bin = HISTOGRAM + ((load<i16>(CHANGE + cell * 2) >> 5) << 2);
    store<i32>(bin, load<i32>(bin) + 1);
  }
  let count = 0;
  for (let grey = 255; grey >= CHANGE_MINIMUM; grey--) {
    count += load<i32>(HISTOGRAM + (grey << 2));
    if (count > CHANGED_CELLS_LIMIT) return grey + 1;
  }
  return CHANGE_MINIMUM;
}

/** A cell is active when it or one of its eight neighbours changed by at least `grey` levels. */
function markDilated(grey: i32): void {
  memory.fill(ACTIVE, 0, GRID * GRID);
  for (let cy = 0; cy < GRID; cy++) {
    for (let cx = 0; cx < GRID; cx++) {
      if (<i32>load<i16>(CHANGE + (cy * GRID + cx) * 2) < grey << 5) continue;
      const left = max(cx - 1, 0);
      const length = min(cx + 2, GRID) - left;
      for (let y = max(cy - 1, 0); y < min(cy + 2, GRID); y++)
        memory.fill(ACTIVE + y * GRID + left, 1, length);
    }
  }
}

function listRuns(): i32 {
  let total = 0;
  for (let cy = 0; cy < GRID; cy++) {
    let runs = 0;
    let out = RUNS + cy * RUN_ROW_BYTES + 4;
    for (let cx = 0; cx < GRID; cx++) {
      if (!load<u8>(ACTIVE + cy * GRID + cx)) continue;
      const first = cx;
      while (cx < GRID && load<u8>(ACTIVE + cy * GRID + cx)) cx++;
      store<i32>(out, first * 8);
      store<i32>(out, cx * 8, 4);
      total += cx - first;
      out += 8;
      runs++;
    }
    store<i32>(RUNS + cy * RUN_ROW_BYTES, runs);
  }
  return total;
}

/** True when the square of `size` frame pixels at (x, y) touches an active cell. */
export function touchesActive(x: i32, y: i32, size: i32): bool {
  const right = min((x + size - 1) >> 3, GRID - 1);
  const bottom = min((y + size - 1) >> 3, GRID - 1);
  for (let cy = y >> 3; cy <= bottom; cy++) {
    for (let cx = x >> 3; cx <= right; cx++) if (load<u8>(ACTIVE + cy * GRID + cx)) return true;
  }
  return false;
}
