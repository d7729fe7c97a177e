// What happened, in one order for the whole installation: everything that tells somebody something (WebSocket, log
// lines, metrics, later a store and other outlets) tells events from one log (docs/design/events.md).
import type { Alert } from './alert.ts';
import type { CameraId, SceneId } from './ids.ts';
import type { CameraState } from './ports/live-state.ts';

interface EventFacts {
  /** One id through all phases of what it tells of; ids of a kind sort by the time at which it began. */
  readonly id: string;
  readonly cameraId: CameraId;
  /** Wall clock of what caused it, milliseconds since the epoch. */
  readonly atMs: number;
}

export const VIEW_VERDICTS = [
  'dark',
  'bright',
  'covered',
  'frozen',
  'defocused',
  'moved',
  'damaged',
] as const;
export type ViewVerdict = (typeof VIEW_VERDICTS)[number];

/** The camera's picture can't be trusted, or can be again. */
export interface ViewEvent extends EventFacts {
  readonly kind: 'view';
  readonly phase: 'open' | 'close';
  readonly verdict: ViewVerdict;
  /** What the verdict was made by, in words for people. */
  readonly reason: string;
}

/** What a camera does that lasts: attempts to connect are no events. */
export type LastingCameraState = Exclude<CameraState, 'connecting'>;

export interface CameraEvent extends EventFacts {
  readonly kind: 'camera';
  readonly state: LastingCameraState;
  /** Why it is down, without credentials. */
  readonly reason: string | undefined;
}

/** `fitted`: a scene's first model is in use; `swapped`: another version took over; `refused`: one does not fit. */
export const SCENE_CHANGES = ['fitted', 'swapped', 'refused'] as const;
export type SceneChange = (typeof SCENE_CHANGES)[number];

export interface SceneEvent extends EventFacts {
  readonly kind: 'scene';
  readonly sceneId: SceneId;
  readonly change: SceneChange;
  /** Undefined for a model that can't be read. */
  readonly modelVersion: string | undefined;
  readonly reason: string | undefined;
}

/** A scene's model that can't be read, or does not fit its camera's setting. */
export interface RefusedModel extends Pick<SceneEvent, 'sceneId' | 'modelVersion'> {
  readonly reason: string;
}

export type Event = Alert | ViewEvent | CameraEvent | SceneEvent;

/** Whether it is a phase of an alert: something that the camera's scene has never shown. */
export const isAlert = (event: Event): event is Alert =>
  event.kind === 'anomaly' || event.kind === 'change';

/** An event with its place in the log. */
export interface LoggedEvent {
  /** Grows by one from event to event. */
  readonly cursor: number;
  readonly event: Event;
}
