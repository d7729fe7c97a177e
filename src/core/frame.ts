// The frame and the segment: what capture makes and every later stage works on (docs/design/architecture.md).
import type { CameraId, SceneId } from './ids.ts';

/** Frames are square: 256×256 pixels, rgb24, row-major, three bytes a pixel. */
export const FRAME_SIDE = 256;
export const FRAME_BYTES = FRAME_SIDE * FRAME_SIDE * 3;

export interface FrameStamp {
  /**
   * Counts the camera's frames from 0 since the daemon started; never reused, gaps are drops. Frames left out as
   * unchanged take none: what is scored follows on what was scored before.
   */
  readonly sequence: number;
  /** Wall clock at arrival, milliseconds since the epoch. */
  readonly capturedAtMs: number;
  /** Presentation time in the stream, milliseconds. */
  readonly mediaTimeMs: number;
}

/**
 * Consecutive frames of one camera and scene, preceded by the one frame before them (context, for
 * change and motion). The unit that queues carry: one round trip for several frames, and any worker
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
  /** (context?, frames…) × FRAME_BYTES, contiguous. */
  readonly pixels: Uint8Array;
}
