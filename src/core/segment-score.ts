// What a worker returns for a segment.
import type { FrameStamp } from './frame.ts';
import type { CameraId, SceneId } from './ids.ts';

/** Numbers that the view or the movement of a segment is told by, at most. */
export const MOST_MEASURES = 1_024;

export interface SegmentScore {
  readonly segmentId: string;
  readonly cameraId: CameraId;
  readonly sceneId: SceneId;
  readonly stamps: readonly FrameStamp[];
  /** Maps are `side` × `side` cells. */
  readonly side: number;
  /**
   * (frame, row, column) float32, before temporal smoothing and masks, which need frames in order; each value tells
   * which cue spoke (core/marked-cues.ts).
   */
  readonly maps: Float32Array;
  /** Content hash of the scene model that made the maps. */
  readonly modelVersion: string;
  /** Alert threshold of that model, in the unit of the smoothed map's maximum. */
  readonly threshold: number;
  /** What stays; undefined where the segment has no slow picture, or the model knows none. */
  readonly stay?: StayMap | undefined;
  /** What the view was measured by (view/view-measures.ts), of the segment's last frame. */
  readonly view?: readonly number[] | undefined;
  /** How the segment moved (movement/movement-measures.ts). */
  readonly movement?: readonly number[] | undefined;
}

/** How far the slow picture lies from what stays at each position, in thresholds: 1 or more is a change. */
export interface StayMap {
  /** (row, column) float32, `side` × `side`. */
  readonly map: Float32Array;
}
