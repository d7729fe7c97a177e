// The frame and the segment: what capture makes and every later stage works on (docs/design/architecture.md).
import type { CameraId, SceneId } from './ids.ts';

/** Frames are square: 256×256 pixels, rgb24, row-major, three bytes a pixel. */
export const FRAME_SIDE = 256;
/** Of a picture as it comes, before it is made smaller: beyond this it only means to fill the memory. */
export const MAX_PIXELS = 8_192 * 8_192;
export const FRAME_BYTES = FRAME_SIDE * FRAME_SIDE * 3;

export interface FrameStamp {
  /**
   * Counts the camera's watched frames; never reused, gaps are drops. From 0, or above those of earlier runs. Frames
   * left out as unchanged take none: what is scored follows on what was scored before.
   */
  readonly sequence: number;
  /** Wall clock at arrival, milliseconds since the epoch. */
  readonly capturedAtMs: number;
  /** Presentation time in the stream, milliseconds. */
  readonly mediaTimeMs: number;
  /** Monotonic clock of the capturing process at arrival, milliseconds; undefined where frames are not captured live. */
  readonly steadyMs?: number;
}

/** Each run of a camera's capture counts from another multiple of this, where runs are remembered. */
export const RUN_SEQUENCES = 2 ** 32;

/** Runs of capture that are counted; more would not leave a frame's sequence exact. */
export const MAX_RUNS = 2 ** 20;

/** From one frame to a later one. Not by the wall clock where that can be helped: it may be set meanwhile. */
export const elapsedMs = (from: FrameStamp, to: FrameStamp): number => {
  const isOneRun =
    Math.floor(from.sequence / RUN_SEQUENCES) === Math.floor(to.sequence / RUN_SEQUENCES);
  return isOneRun && from.steadyMs !== undefined && to.steadyMs !== undefined
    ? to.steadyMs - from.steadyMs
    : to.capturedAtMs - from.capturedAtMs;
};

/**
 * Consecutive frames of one camera and scene, preceded by the one frame before them (context, for
 * change and motion), and followed by what stayed, where that is due. The unit that queues carry: one round trip for several frames, and any worker
 * can score any segment.
 */
export interface Segment {
  /** Unique over cameras and restarts: `<camera>-<start of run>-<first sequence>`. */
  readonly id: string;
  readonly cameraId: CameraId;
  readonly sceneId: SceneId;
  /** One per frame to score; the context frame has none. */
  readonly stamps: readonly FrameStamp[];
  /** False at the start of a stream and after a gap, where no frame before exists. */
  readonly hasContext: boolean;
  /** The slow picture (stay/slow-pictures.ts) that was due with one of the frames comes after them. */
  readonly hasSlow?: boolean | undefined;
  /** (context?, frames…, slow picture?) × FRAME_BYTES, contiguous. */
  readonly pixels: Uint8Array;
}
