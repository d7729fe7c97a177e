// What a worker returns for a segment.
import type { FrameStamp } from './frame.ts';
import type { CameraId, SceneId } from './ids.ts';

export interface SegmentScore {
  readonly segmentId: string;
  readonly cameraId: CameraId;
  readonly sceneId: SceneId;
  readonly stamps: readonly FrameStamp[];
  /** Maps are `side` × `side` cells. */
  readonly side: number;
  /** (frame, row, column) float32, before temporal smoothing and masks, which need frames in order. */
  readonly maps: Float32Array;
  /** Content hash of the scene model that made the maps. */
  readonly modelVersion: string;
  /** Alert threshold of that model, in the unit of the smoothed map's maximum. */
  readonly threshold: number;
}
