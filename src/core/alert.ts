// An alert: one stretch of unusual frames of one camera, from opening to closing.
import type { Point, Region } from './place.ts';
import type { CameraId, SceneId } from './ids.ts';

export type AlertPhase = 'open' | 'update' | 'close';

export interface Alert {
  /** One id through all phases; sortable by opening time. */
  readonly id: string;
  readonly phase: AlertPhase;
  readonly cameraId: CameraId;
  readonly sceneId: SceneId;
  /** Wall clock of the first frame over the threshold, milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** Wall clock of the frame that caused this phase. */
  readonly atMs: number;
  /** Sequence number and stream time of the frame that caused this phase. */
  readonly sequence: number;
  readonly mediaTimeMs: number;
  /** Score of that frame; the highest so far; the threshold it was held against. */
  readonly score: number;
  readonly peakScore: number;
  readonly threshold: number;
  /** Where the map peaked in the highest-scoring frame so far, and the cells over the threshold there. */
  readonly peak: Point;
  readonly region: Region;
}
