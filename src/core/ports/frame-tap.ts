// Whoever wants to see captured frames before they are queued is a tap: the live page, the static gate, what judges
// the view, what records.
import type { FrameStamp } from '../frame.ts';
import type { CameraId, SceneId } from '../ids.ts';
import type { DropReason } from './frame-queue.ts';

export type LeftOutReason = Extract<DropReason, 'unchanged' | 'damaged'>;

/** FRAME_BYTES rgb24, used again after the call. */
export interface TappedFrame {
  readonly cameraId: CameraId;
  /** Undefined: not watched now, so it is neither queued nor left out, whatever a tap says. */
  readonly sceneId: SceneId | undefined;
  readonly pixels: Uint8Array;
  readonly stamp: FrameStamp;
}

export interface FrameTap {
  /** A label of metrics. */
  readonly name: string;
  /** At least so long between two frames of one camera that it sees; 0: all. */
  readonly everyMs: number;
  /** What it may take for a frame, on average; one that takes more sees fewer. */
  readonly budgetMs: number;
  /** A reason leaves the frame out: it is not scored, and taps after this one don't see it. */
  see(frame: TappedFrame): LeftOutReason | undefined;
  /** What follows does not follow on what it saw of the camera. */
  reset?(camera: CameraId): void;
}
