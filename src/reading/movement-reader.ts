// Reads how one camera's scene moves: raises an alert where what always moves has stopped, and where something goes
// against the usual direction.
import type { Alert, Cue } from '../core/alert.ts';
import type { FrameStamp } from '../core/frame.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import {
  MovementJudge,
  type MovementFinding,
  type MovementState,
} from '../movement/movement-judge.ts';
import { decodeMovement } from '../movement/movement-measures.ts';
import { REGION_SIDE } from '../movement/regions.ts';
import { AlertTracker, type AlertPolicy, type TrackerState } from './alert-tracker.ts';
import { ignoreMask, type Polygon } from '../core/ignore-mask.ts';

/** Findings are in thresholds. */
const THRESHOLD = 1;
/** What moves again for some seconds has not stopped. */
export const ABSENCE_POLICY: AlertPolicy = {
  hysteresis: 0.8,
  minDurationMs: 1_000,
  cooldownMs: 3_000,
  updateIntervalMs: 10_000,
};
/** Evidence was added up over a second or more already. */
export const DIRECTION_POLICY: AlertPolicy = {
  hysteresis: 0.5,
  minDurationMs: 0,
  cooldownMs: 3_000,
  updateIntervalMs: 10_000,
};

/** Plain data. */
export interface MovementReading {
  /** Undefined where it begins anew. */
  readonly judge: MovementState | undefined;
  readonly absence: TrackerState;
  readonly direction: TrackerState;
}

/** Of one segment. */
export interface MovementObservation {
  readonly sceneId: SceneId;
  readonly stamps: readonly FrameStamp[];
  /** movement/movement-measures.ts */
  readonly measures: readonly number[];
}

export interface MovementReaderOptions {
  readonly cameraId: CameraId;
  readonly ignore: readonly Polygon[];
  /** A pause in the frames longer than this starts anew. */
  readonly gapMs: number;
  readonly onAlert: (alert: Alert) => void;
}

export class MovementReader {
  readonly #onAlert: (alert: Alert) => void;
  readonly #judge: MovementJudge;
  readonly #isIgnored: Uint8Array | undefined;
  readonly #absence: AlertTracker;
  readonly #direction: AlertTracker;

  constructor({ cameraId, ignore, gapMs, onAlert }: MovementReaderOptions) {
    this.#onAlert = onAlert;
    this.#judge = new MovementJudge(gapMs);
    this.#isIgnored = ignoreMask(ignore, REGION_SIDE);
    this.#absence = new AlertTracker(cameraId, ABSENCE_POLICY, { kind: 'anomaly', name: '-a' });
    this.#direction = new AlertTracker(cameraId, DIRECTION_POLICY, { kind: 'anomaly', name: '-d' });
  }

  get isOpen(): boolean {
    return this.#absence.isOpen || this.#direction.isOpen;
  }

  get state(): MovementReading {
    return {
      judge: this.#judge.state,
      absence: this.#absence.state,
      direction: this.#direction.state,
    };
  }

  resume({ judge, absence, direction }: MovementReading): void {
    if (judge === undefined) this.#judge.reset();
    else this.#judge.resume(judge);
    this.#absence.resume(absence);
    this.#direction.resume(direction);
  }

  /** Segments come in time order. */
  observe({ sceneId, stamps, measures }: MovementObservation): void {
    const movement = decodeMovement(measures);
    const stamp = stamps.at(-1);
    if (movement === undefined || stamp === undefined) return;
    const { absence, direction } = this.#judge.judge(movement, stamps, this.#isIgnored);
    this.#tell(this.#absence, 'absence', { sceneId, stamp }, absence);
    this.#tell(this.#direction, 'direction', { sceneId, stamp }, direction);
  }

  /** What was seen before says nothing of what comes: after a change of scene, or when the view was lost. */
  forget(): void {
    this.#judge.reset();
  }

  expire(silentMs: number): void {
    for (const tracker of [this.#absence, this.#direction]) {
      tracker.expire(silentMs).forEach(this.#onAlert);
    }
  }

  /** Forgets all of it without a word; close what is open first. */
  reset(): void {
    this.resume({ judge: undefined, absence: { kind: 'quiet' }, direction: { kind: 'quiet' } });
  }

  #tell(
    tracker: AlertTracker,
    cue: Cue,
    { sceneId, stamp }: { readonly sceneId: SceneId; readonly stamp: FrameStamp },
    finding: MovementFinding | undefined,
  ): void {
    if (finding === undefined) return;
    const { score, peak, region } = finding;
    const alerts = tracker.observe({
      ...{ sceneId, stamp, score, peak, cue },
      threshold: THRESHOLD,
      region: () => region,
    });
    alerts.forEach(this.#onAlert);
  }
}
