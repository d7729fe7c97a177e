// What cameras and scenes do, as events: a change of what lasts is one event, however often it is reported, and over
// restarts too, since what was told last is looked up in the log.
import type { Event, LastingCameraState } from '../core/event.ts';
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

  constructor(options: StateEventsOptions) {
    this.#options = options;
  }

  /** The log is open: what was told last is known. */
  restore(): void {
    for (const { event } of this.#options.log.after(0, Infinity).entries) {
      if (event.kind === 'camera') this.#states.set(event.cameraId, event.state);
      if (event.kind === 'scene' && event.modelVersion !== undefined && event.change !== 'refused')
        this.#versions.set(placeOf(event.cameraId, event.sceneId), event.modelVersion);
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
    const atMs = this.#options.clock.nowMs();
    const change = before === undefined ? 'fitted' : 'swapped';
    const id = eventId(atMs, cameraId, sceneId, change);
    const facts = { kind: 'scene', id, cameraId, sceneId, atMs, change, modelVersion } as const;
    this.#options.onEvent({ ...facts, reason: undefined });
  }
}

const placeOf = (camera: CameraId, scene: SceneId): string => `${camera}/${scene}`;
