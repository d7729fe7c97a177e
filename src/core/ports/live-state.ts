// What the daemon is doing now, as its outlets see it.
import type { FrameStamp } from '../frame.ts';
import type { CameraId, SceneId } from '../ids.ts';

/**
 * connecting → up → stalled → down …; ended: a recording that was played to its end; failed: something that it needs
 * beside its stream is missing or does not fit.
 */
export const CAMERA_STATES = ['connecting', 'up', 'stalled', 'down', 'ended', 'failed'] as const;
export type CameraState = (typeof CAMERA_STATES)[number];

/** Whether what was scored last is of now: a short silence changes nothing. */
export const isLiveState = (state: CameraState): boolean => state === 'up' || state === 'stalled';

export interface CameraStatus {
  readonly cameraId: CameraId;
  readonly state: CameraState;
  /** Why it is down or failed, without credentials. */
  readonly reason: string | undefined;
  readonly sceneId: SceneId | undefined;
  /** Version of the model that scored last; undefined until a frame was scored. */
  readonly modelVersion: string | undefined;
  readonly isAlertOpen: boolean;
}

export interface CameraStats {
  readonly cameraId: CameraId;
  /** Of the last frame; 0 while the camera gives none, as are rate and latency. */
  readonly score: number;
  readonly threshold: number;
  /** Frames scored a second, over the last seconds. */
  readonly fps: number;
  /** Capture to score, of the last frame. */
  readonly latencyMs: number;
  /** Totals since start: captured = scored + dropped + inFlight. */
  readonly captured: number;
  readonly scored: number;
  readonly dropped: number;
  readonly inFlight: number;
}

export interface LatestFrame {
  readonly stamp: FrameStamp;
  /** FRAME_BYTES rgb24; overwritten by later frames. */
  readonly pixels: Uint8Array;
}

export interface LiveMap {
  readonly cameraId: CameraId;
  readonly stamp: FrameStamp;
  readonly side: number;
  /** (row, column); valid during the call only. */
  readonly values: Float32Array;
  readonly threshold: number;
}

export interface Readiness {
  readonly isReady: boolean;
  readonly cameras: readonly CameraStatus[];
  readonly queueFrames: number;
  readonly isScorerUp: boolean;
}

export interface LiveState {
  cameraIds(): readonly CameraId[];
  statuses(): readonly CameraStatus[];
  /** From another process, in bullmq mode: it may take a moment the first time. */
  latestFrame(camera: CameraId): Promise<LatestFrame | undefined>;
  readiness(): Promise<Readiness>;
}
