// Consecutive frames of one camera, as learning and scoring take them.

export interface FrameRun {
  /** (context?, frames…) × FRAME_BYTES, rgb24. */
  readonly pixels: Uint8Array;
  /** Frames to learn or score; the context frame is not counted. */
  readonly frameCount: number;
  /**
   * The frame before the first: `none` where a stream starts or after a gap, `given` as the first frame of
   * `pixels`, `seen` when it is given and was also the last frame of the run before.
   */
  readonly context: 'none' | 'given' | 'seen';
}
