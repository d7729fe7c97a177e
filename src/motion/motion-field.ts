// Motion channels of frames: what the scene's Gaussian is fitted to. log(1 + magnitude) tames the tail, so that one
// Gaussian fits walking people and an empty pavement alike.
import { FRAME_BYTES } from '../core/frame.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';
import { GRID_SIDE, RAW_CHANNELS, type FlowKernel } from './flow-kernel.ts';

/** Channels of a cell: log(1 + mean magnitude), log(1 + maximum magnitude), of pixels per frame. */
export const MOTION_CHANNELS = 2;
export const MOTION_FRAME_LENGTH = GRID_SIDE * GRID_SIDE * MOTION_CHANNELS;
/** Numbers of a frame's flow: u and v of each cell. */
export const FLOW_FRAME_LENGTH = GRID_SIDE * GRID_SIDE * 2;

export class MotionField implements MotionEstimator {
  readonly grid = GRID_SIDE;
  readonly channelCount = MOTION_CHANNELS;
  readonly #kernel: FlowKernel;

  constructor(kernel: FlowKernel) {
    this.#kernel = kernel;
  }

  estimate(pixels: Uint8Array, frameCount: number, out: Float32Array, flow?: Float32Array): void {
    if (
      pixels.length < (frameCount + 1) * FRAME_BYTES ||
      out.length < frameCount * MOTION_FRAME_LENGTH ||
      (flow !== undefined && flow.length < frameCount * FLOW_FRAME_LENGTH)
    ) {
      throw new RangeError(
        `motion: ${frameCount} frames need ${(frameCount + 1) * FRAME_BYTES} bytes in and ${frameCount * MOTION_FRAME_LENGTH} numbers out, got ${pixels.length} and ${out.length}${flow === undefined ? '' : `, flow ${flow.length}`}`,
      );
    }
    const { cells } = this.#kernel;
    this.#kernel.start(pixels, 0);
    for (let frame = 0; frame < frameCount; frame++) {
      this.#kernel.step(pixels, frame + 1);
      let at = frame * MOTION_FRAME_LENGTH;
      for (let cell = 0; cell < cells.length; cell += RAW_CHANNELS) {
        out[at++] = Math.log1p(cells[cell]!);
        out[at++] = Math.log1p(cells[cell + 1]!);
      }
      if (flow !== undefined) copyFlow(cells, flow, frame * FLOW_FRAME_LENGTH);
    }
  }
}

const copyFlow = (cells: Float32Array, flow: Float32Array, from: number): void => {
  let at = from;
  for (let cell = 0; cell < cells.length; cell += RAW_CHANNELS) {
    flow[at++] = cells[cell + 2]!;
    flow[at++] = cells[cell + 3]!;
  }
};
