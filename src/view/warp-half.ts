// The half picture as it would be, had the camera not moved.
import type { Placement } from './registration.ts';
import { HALF_SIDE } from './view-grid.ts';

/** Bilinear; what lies outside of the picture takes its nearest edge. Both (row, column) of the half picture. */
export const warpHalf = (luma: Float32Array, placement: Placement, to: Float32Array): void => {
  const { shiftX, shiftY, turn, zoom } = placement;
  const middle = (HALF_SIDE - 1) / 2;
  const most = HALF_SIDE - 1.001;
  for (let y = 0; y < HALF_SIDE; y++) {
    for (let x = 0; x < HALF_SIDE; x++) {
      const fromX = middle + (1 + zoom) * (x - middle) - turn * (y - middle) + shiftX / 2;
      const fromY = middle + (1 + zoom) * (y - middle) + turn * (x - middle) + shiftY / 2;
      const boundX = Math.min(most, Math.max(0, fromX));
      const boundY = Math.min(most, Math.max(0, fromY));
      const left = Math.floor(boundX);
      const top = Math.floor(boundY);
      const at = top * HALF_SIDE + left;
      const right = boundX - left;
      const upper = luma[at]! + right * (luma[at + 1]! - luma[at]!);
      const lower =
        luma[at + HALF_SIDE]! + right * (luma[at + HALF_SIDE + 1]! - luma[at + HALF_SIDE]!);
      to[y * HALF_SIDE + x] = upper + (boundY - top) * (lower - upper);
    }
  }
};
