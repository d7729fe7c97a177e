// What cameras and scenes do, as events: a change of what lasts is one event, however often it is reported, and over
// restarts too, since what was told last is looked up in the log.
import type { Event, LastingCameraState, RefusedModel, SceneEvent } from '../core/event.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { CameraStatus } from '../core/ports/live-state.ts';

export interface StateEventsOptions {
  readonly log: Pick<EventLog, 'after'>;
  readonly onEvent: (event: Event) => void;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Sortable by time, as alerts' are. */
const eventId = (atMs: number, ...names: readonly string[]): string =>
  [Math.floor(atMs).toString(36).padStart(9, '0'), ...names].join('-');

export class StateEvents {
  readonly #options: StateEventsOptions;
  readonly #states = new Map<CameraId, LastingCameraState>();
  /** By camera and scene. */
  readonly #versions = new Map<string, string>();
  /** By camera and scene: the model that is refused, and why. */
  readonly #refused = new Map<string, string>();

  constructor(options: StateEventsOptions) {
    this.#options = options;
  }

  /** The log is open: what was told last is known. */
  restore(): void {
    for (const { event } of this.#options.log.after(0, Infinity).entries) {
      if (event.kind === 'camera') this.#states.set(event.cameraId, event.state);
      if (event.kind === 'scene') this.#restoreScene(event);
    }
  }

  #restoreScene({ cameraId, sceneId, change, modelVersion, reason }: SceneEvent): void {
    const place = placeOf(cameraId, sceneId);
    if (change === 'refused') {
      this.#refused.set(place, causeOf({ modelVersion, reason: reason ?? '' }));
      return;
    }
    this.#refused.delete(place);
    if (modelVersion !== undefined) this.#versions.set(place, modelVersion);
  }

  /** All models of the camera were looked at: these are refused. Each is told once, until it is no more. */
  seeRefused(cameraId: CameraId, models: readonly RefusedModel[]): void {
    const prefix = placeOf(cameraId, '');
    const now = new Map(models.map((model) => [placeOf(cameraId, model.sceneId), causeOf(model)]));
    for (const place of this.#refused.keys())
      if (place.startsWith(prefix) && !now.has(place)) this.#refused.delete(place);
    for (const { sceneId, modelVersion, reason } of models) {
      const place = placeOf(cameraId, sceneId);
      const cause = now.get(place) ?? '';
      if (this.#refused.get(place) === cause) continue;
      this.#refused.set(place, cause);
      this.#tellScene({ cameraId, sceneId, change: 'refused', modelVersion, reason });
    }
  }

  see({ cameraId, state, reason, sceneId, modelVersion }: CameraStatus): void {
    if (state !== 'connecting') this.#seeState(cameraId, state, reason);
    if (sceneId !== undefined && modelVersion !== undefined)
      this.#seeVersion(cameraId, sceneId, modelVersion);
  }

  #seeState(cameraId: CameraId, state: LastingCameraState, reason: string | undefined): void {
    if (this.#states.get(cameraId) === state) return;
    this.#states.set(cameraId, state);
    const atMs = this.#options.clock.nowMs();
    const id = eventId(atMs, cameraId, state);
    this.#options.onEvent({ kind: 'camera', id, cameraId, atMs, state, reason });
  }

  #seeVersion(cameraId: CameraId, sceneId: SceneId, modelVersion: string): void {
    const place = placeOf(cameraId, sceneId);
    const before = this.#versions.get(place);
    if (before === modelVersion) return;
    this.#versions.set(place, modelVersion);
    const change = before === undefined ? 'fitted' : 'swapped';
    this.#tellScene({ cameraId, sceneId, change, modelVersion, reason: undefined });
  }

  #tellScene(what: Omit<SceneEvent, 'kind' | 'id' | 'atMs'>): void {
    const atMs = this.#options.clock.nowMs();
    const id = eventId(atMs, what.cameraId, what.sceneId, what.change);
    this.#options.onEvent({ kind: 'scene', id, atMs, ...what });
  }
}

const placeOf = (camera: CameraId, scene: SceneId | ''): string => `${camera}/${scene}`;

const causeOf = ({ modelVersion, reason }: Pick<RefusedModel, 'modelVersion' | 'reason'>): string =>
  `${modelVersion ?? ''} ${reason}`;
