// An alert: one stretch of unusual frames of one camera, from opening to closing. A camera may have several open, one
// of each cue's tracker.
import type { Point, Region } from './place.ts';
import type { CameraId, SceneId } from './ids.ts';

/** `anomaly`: something happens that never did. `change`: something stays that was not there, or is gone. */
export const ALERT_KINDS = ['anomaly', 'change'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** What an alert was raised by. */
export const CUES = ['appearance', 'motion', 'stay', 'absence', 'direction', 'dwell'] as const;
export type Cue = (typeof CUES)[number];

export type AlertPhase = 'open' | 'update' | 'close';

export interface Alert {
  /** One id through all phases; sortable by opening time. */
  readonly id: string;
  readonly kind: AlertKind;
  readonly cue: Cue;
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
