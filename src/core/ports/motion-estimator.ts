// Motion between consecutive frames, as channels of a cell that a Gaussian can be fitted to.

export interface MotionEstimator {
  /** Cells are a grid × grid raster over the frame. */
  readonly grid: number;
  readonly channelCount: number;
  /**
   * @param pixels frameCount + 1 consecutive frames × FRAME_BYTES, the first of which is context
   * @param out receives (frame, cell, channel) row-major; filled when a returned promise resolves. Until then
   * all are the estimator's, and nothing else may be asked of it.
   * @param flow receives (frame, cell, component) row-major where it is given: the cell's mean motion to the right and
   * downwards, pixels per frame, 0 where nothing moves
   */
  estimate(
    pixels: Uint8Array,
    frameCount: number,
    out: Float32Array,
    flow?: Float32Array,
  ): void | Promise<void>;
}
