// Where everything lives in linear memory. Nothing is allocated at run time: each buffer has a fixed address, and all of
// it is scratch except INPUT (written by the host) and CELLS (read by it).

/** Input frame: 256x256 rgb24. The grid has 32x32 cells of 8x8 pixels. */
export const FRAME: i32 = 256;
export const GRID: i32 = 32;
export const FRAME_BYTES: i32 = FRAME * FRAME * 3;
/** Pyramid levels are named by their width: 256, 128, 64, 32. */
export const COARSEST: i32 = 32;
/** Channels written per cell: mean magnitude, maximum magnitude, mean u, mean v. */
export const CELL_CHANNELS: i32 = 4;

/** Images: int16, grey level x 32, with a replicated border of 16 pixels so that a patch may hang over the edge. */
export const GREY_UNIT: i32 = 32;
export const PAD: i32 = 16;

@inline
export function imageStride(width: i32): i32 {
  return (width + 2 * PAD) * 2;
}

const BYTES_256: i32 = 576 * 288;
const BYTES_128: i32 = 320 * 160;
const BYTES_64: i32 = 192 * 96;
const BYTES_32: i32 = 128 * 64;
const PYRAMID_BYTES: i32 = BYTES_256 + BYTES_128 + BYTES_64 + BYTES_32;

/** Offset of pixel (0, 0) of a level inside a pyramid. */
@inline
export function levelOrigin(width: i32): i32 {
  const base = width == 256 ? 0 : width == 128 ? BYTES_256 : width == 64 ? BYTES_256 + BYTES_128 : BYTES_256 + BYTES_128 + BYTES_64;
  return base + PAD * imageStride(width) + PAD * 2;
}

/** Planes: float32 at a level's resolution. Four columns on each side keep rows 16-byte aligned; one row above and below. */
@inline
export function planeStride(width: i32): i32 {
  return (width + 8) * 4;
}

@inline
export function planeOrigin(width: i32): i32 {
  return planeStride(width) + 16;
}

@inline
export function planeBytes(width: i32): i32 {
  return planeStride(width) * (width + 2);
}

// The offset between two planes is not a multiple of 4096, or equal positions of all planes would share one cache set.
const PLANE_BYTES: i32 = (256 + 8) * (256 + 2) * 4 + 192;
const COARSE_BYTES: i32 = (128 + 8) * (128 + 2) * 4 + 64;

export const INPUT: i32 = 1024;
export const CELLS: i32 = INPUT + FRAME_BYTES + 64;
export const ACTIVE: i32 = CELLS + GRID * GRID * CELL_CHANNELS * 4; // one byte per cell
export const CHANGE: i32 = ACTIVE + GRID * GRID; // uint16 per cell
export const HISTOGRAM: i32 = CHANGE + GRID * GRID * 2; // int32 per grey level
export const HISTOGRAM_BYTES: i32 = 256 * 4;
/** Runs of active cells: per cell row a count and up to 16 pairs (first pixel, pixel after the last), int32. */
export const RUNS: i32 = HISTOGRAM + HISTOGRAM_BYTES;
export const RUN_ROW_BYTES: i32 = 4 + 16 * 8;
export const PYRAMID_A: i32 = (RUNS + GRID * RUN_ROW_BYTES + 63) & ~63;
export const PYRAMID_B: i32 = PYRAMID_A + PYRAMID_BYTES;
export const GRADIENT_X: i32 = PYRAMID_B + PYRAMID_BYTES; // of the earlier frame, same geometry as a pyramid
export const GRADIENT_Y: i32 = GRADIENT_X + PYRAMID_BYTES;
export const SUM_IMAGE: i32 = GRADIENT_Y + PYRAMID_BYTES; // level 256 only
export const DIFF_IMAGE: i32 = SUM_IMAGE + BYTES_256;
export const PATCH_U: i32 = DIFF_IMAGE + BYTES_256; // float per patch, at most 63x63
export const PATCH_V: i32 = PATCH_U + 64 * 64 * 4;
export const COARSE_U: i32 = PATCH_V + 64 * 64 * 4;
export const COARSE_V: i32 = COARSE_U + COARSE_BYTES;

const PLANES: i32 = (COARSE_V + COARSE_BYTES + 63) & ~63;
export const FLOW_U: i32 = PLANES;
export const FLOW_V: i32 = PLANES + PLANE_BYTES;
export const SMOOTH: i32 = PLANES + 2 * PLANE_BYTES; // densification keeps its weights here before refinement starts
export const CROSS: i32 = PLANES + 3 * PLANE_BYTES;
export const INVERSE_U: i32 = PLANES + 4 * PLANE_BYTES;
export const INVERSE_V: i32 = PLANES + 5 * PLANE_BYTES;
export const RIGHT_U: i32 = PLANES + 6 * PLANE_BYTES;
export const RIGHT_V: i32 = PLANES + 7 * PLANE_BYTES;
/** Three linearised constraints, each of three planes (x, y, constant). */
export const INTENSITY: i32 = PLANES + 8 * PLANE_BYTES;
export const SLOPE_X: i32 = PLANES + 11 * PLANE_BYTES;
export const SLOPE_Y: i32 = PLANES + 14 * PLANE_BYTES;
export const NEXT_PLANE: i32 = PLANE_BYTES;
export const MEMORY_END: i32 = PLANES + 17 * PLANE_BYTES;
