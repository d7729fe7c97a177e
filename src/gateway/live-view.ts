// What each camera is doing now: kept from the pipeline's events, read by the outlets.
import type { CameraConfig } from '../config/config.ts';
import { FRAME_BYTES, type FrameStamp } from '../core/frame.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import {
  isLiveState,
  type CameraState,
  type CameraStats,
  type CameraStatus,
  type LatestFrame,
} from '../core/ports/live-state.ts';
import type { FrameTap } from '../core/ports/frame-tap.ts';
import type { FrameLedger } from '../queue/frame-ledger.ts';
import type { ScoredFrame } from '../reading/score-reader.ts';

/** A page does not show more. */
const SHOWN_EVERY_MS = 180;
/** The frame rate shown is over this long. */
const RATE_WINDOW_MS = 5_000;

interface CameraView {
  state: CameraState;
  reason: string | undefined;
  /** What keeps its frames from being scored, whether or not it gives any. */
  fault: string | undefined;
  sceneId: SceneId | undefined;
  modelVersion: string | undefined;
  isAlertOpen: boolean;
  score: number;
  threshold: number;
  latencyMs: number;
  readonly pixels: Uint8Array;
  stamp: FrameStamp | undefined;
  /** Scored frames at the start of the rate's window, and when that was. */
  windowStart: { scored: number; atMs: number };
  fps: number;
}

export interface LiveViewOptions {
  readonly cameras: readonly CameraConfig[];
  readonly ledger: FrameLedger;
  readonly clock: Clock;
  readonly onStatus: (status: CameraStatus) => void;
}

export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #views: ReadonlyMap<CameraId, CameraView>;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    const atMs = options.clock.monotonicMs();
    this.#views = new Map(
      options.cameras.map((camera) => [
        camera.id,
        {
          state: 'connecting',
          reason: undefined,
          fault: undefined,
          sceneId: undefined,
          modelVersion: undefined,
          isAlertOpen: false,
          score: 0,
          threshold: 0,
          latencyMs: 0,
          pixels: new Uint8Array(FRAME_BYTES),
          stamp: undefined,
          windowStart: { scored: 0, atMs },
          fps: 0,
        },
      ]),
    );
  }

  cameraIds(): readonly CameraId[] {
    return [...this.#views.keys()];
  }

  setState(camera: CameraId, state: CameraState, reason?: string): void {
    const view = this.#view(camera);
    if (view.state === state && view.reason === reason) return;
    view.state = state;
    view.reason = reason;
    this.#options.onStatus(this.#status(camera, view));
  }

  setFault(camera: CameraId, fault: string | undefined): void {
    const view = this.#view(camera);
    if (view.fault === fault) return;
    view.fault = fault;
    this.#options.onStatus(this.#status(camera, view));
  }

  isLive(camera: CameraId): boolean {
    return isLiveState(this.#view(camera).state);
  }

  setAlertOpen(camera: CameraId, isOpen: boolean): void {
    const view = this.#view(camera);
    if (view.isAlertOpen === isOpen) return;
    view.isAlertOpen = isOpen;
    this.#options.onStatus(this.#status(camera, view));
  }

  /** Keeps a copy of the camera's latest frame, as often as a page shows one. */
  get tap(): FrameTap {
    return {
      name: 'live',
      everyMs: SHOWN_EVERY_MS,
      budgetMs: 1,
      see: ({ cameraId, pixels, stamp }) => {
        const view = this.#view(cameraId);
        view.pixels.set(pixels);
        view.stamp = stamp;
        return undefined;
      },
    };
  }

  showScore(frame: ScoredFrame): void {
    const view = this.#view(frame.cameraId);
    view.score = frame.score;
    view.threshold = frame.threshold;
    view.latencyMs = this.#options.clock.nowMs() - frame.stamp.capturedAtMs;
    if (view.sceneId === frame.sceneId && view.modelVersion === frame.modelVersion) return;
    view.sceneId = frame.sceneId;
    view.modelVersion = frame.modelVersion;
    this.#options.onStatus(this.#status(frame.cameraId, view));
  }

  statuses(): readonly CameraStatus[] {
    return [...this.#views].map(([camera, view]) => this.#status(camera, view));
  }

  stats(): readonly CameraStats[] {
    return [...this.#views].map(([cameraId, view]) => {
      const { captured, scored, droppedTotal, inFlight } = this.#options.ledger.balance(cameraId);
      this.#measureRate(view, scored);
      const { score, threshold, fps, latencyMs } = view;
      return {
        cameraId,
        ...(isLiveState(view.state)
          ? { score, threshold, fps, latencyMs }
          : { score: 0, threshold, fps: 0, latencyMs: 0 }),
        captured,
        scored,
        dropped: droppedTotal,
        inFlight,
      };
    });
  }

  latestFrame(camera: CameraId): LatestFrame | undefined {
    const view = this.#views.get(camera);
    return view?.stamp === undefined ? undefined : { stamp: view.stamp, pixels: view.pixels };
  }

  #measureRate(view: CameraView, scored: number): void {
    const atMs = this.#options.clock.monotonicMs();
    const elapsedMs = atMs - view.windowStart.atMs;
    if (elapsedMs < RATE_WINDOW_MS) return;
    view.fps = ((scored - view.windowStart.scored) * 1_000) / elapsedMs;
    view.windowStart = { scored, atMs };
  }

  #status(cameraId: CameraId, view: CameraView): CameraStatus {
    const { fault, sceneId, modelVersion, isAlertOpen } = view;
    const state = fault === undefined ? view.state : 'failed';
    const reason = fault ?? view.reason;
    return { cameraId, state, reason, sceneId, modelVersion, isAlertOpen };
  }

  #view(camera: CameraId): CameraView {
    const view = this.#views.get(camera);
    if (view === undefined) throw new RangeError(`camera ${camera} is not configured`);
    return view;
  }
}
