// Turns one camera's frame scores into alerts.
//
// States:
//   quiet    no score over the threshold lately
//   rising   scores over the threshold, not yet for `minDurationMs`
//   open     an alert is open
// Transitions, on frame time:
//   quiet → rising    a score reaches the threshold
//   rising → open     scores stayed at or over the closing level until minDurationMs had passed: `open`
//   rising → quiet    a score falls below the closing level first, or no frame came for SILENCE_MS
//   open → open       `update` when updateIntervalMs passed, or the peak grew by PEAK_GROWTH
//   open → quiet      no score reached the closing level for cooldownMs, or the camera fell silent: `close`
// Invariant: at most one alert is open; each `open` is followed by exactly one `close` with the same id.
// The closing level is hysteresis × threshold, so that a score that trembles about the threshold is one alert.
import type { Alert, AlertKind, AlertPhase, Cue } from '../core/alert.ts';
import type { Point, Region } from '../core/place.ts';
import { elapsedMs, type FrameStamp } from '../core/frame.ts';
import type { CameraId, SceneId } from '../core/ids.ts';

/** An update is sent at once when the score exceeds the last reported peak by this factor. */
const PEAK_GROWTH = 1.25;
/** Frames further apart are not of one event; the slowest cameras send one in ten seconds. */
const SILENCE_MS = 60_000;

export interface AlertPolicy {
  /** Closing level as a fraction of the threshold, 0..1. */
  readonly hysteresis: number;
  readonly minDurationMs: number;
  readonly cooldownMs: number;
  readonly updateIntervalMs: number;
}

/** What is kept of a scored frame. */
interface SeenFrame {
  readonly sceneId: SceneId;
  readonly stamp: FrameStamp;
  readonly score: number;
  readonly threshold: number;
  readonly peak: Point;
  /** What raised the score. */
  readonly cue: Cue;
}

/** One scored frame. */
export interface FrameObservation extends SeenFrame {
  /** Called only when the region is needed. */
  readonly region: () => Region;
}

interface Candidate {
  readonly started: FrameStamp;
  lastHigh: FrameStamp;
  last: SeenFrame;
  peak: SeenFrame;
  peakRegion: Region;
}

interface OpenAlert extends Candidate {
  readonly id: string;
  reported: FrameStamp;
  reportedPeak: number;
}

/** What a tracker tells of. */
export interface TrackedKind {
  readonly kind: AlertKind;
  /** Ends the ids of its alerts: no two trackers of a camera have the same. */
  readonly name: string;
}

const ANOMALY: TrackedKind = { kind: 'anomaly', name: '' };

/** Plain data: it may be written down and taken up again. */
export type TrackerState =
  | { readonly kind: 'quiet' }
  | { readonly kind: 'rising'; readonly candidate: Candidate }
  | { readonly kind: 'open'; readonly alert: OpenAlert };

export class AlertTracker {
  readonly #cameraId: CameraId;
  readonly #policy: AlertPolicy;
  readonly #of: TrackedKind;
  #state: TrackerState = { kind: 'quiet' };

  constructor(cameraId: CameraId, policy: AlertPolicy, of: TrackedKind = ANOMALY) {
    this.#cameraId = cameraId;
    this.#policy = policy;
    this.#of = of;
  }

  get isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  get state(): TrackerState {
    return this.#state;
  }

  /** Goes on from where another tracker of the camera stood. */
  resume(state: TrackerState): void {
    this.#state = state;
  }

  /** Frames come in time order. Returns the alert phases that this frame causes, in order. */
  observe(frame: FrameObservation): readonly Alert[] {
    const isHigh = frame.score >= frame.threshold * this.#policy.hysteresis;
    switch (this.#state.kind) {
      case 'quiet':
        return frame.score >= frame.threshold ? this.#rise(frame) : [];
      case 'rising':
        return this.#continueRising(this.#state.candidate, frame, isHigh);
      case 'open':
        if (isHigh) this.#follow(this.#state.alert, frame);
        else this.#state.alert.last = seen(frame);
        return this.#continueOrClose(this.#state.alert, frame);
    }
  }

  /**
   * Closes what is open when no score has been high for the cooldown, or unconditionally.
   *
   * @param silentMs since the last frame that was observed; Infinity when no more will come
   */
  expire(silentMs: number): readonly Alert[] {
    if (this.#state.kind !== 'open') return [];
    const { alert } = this.#state;
    const lowMs = elapsedMs(alert.lastHigh, alert.last.stamp) + silentMs;
    if (lowMs < this.#policy.cooldownMs) return [];
    return [this.#close(alert)];
  }

  #continueRising(
    candidate: Candidate,
    frame: FrameObservation,
    isHigh: boolean,
  ): readonly Alert[] {
    if (elapsedMs(candidate.lastHigh, frame.stamp) > SILENCE_MS) {
      this.#state = { kind: 'quiet' };
      return this.observe(frame);
    }
    if (!isHigh) {
      this.#state = { kind: 'quiet' };
      return [];
    }
    this.#follow(candidate, frame);
    return this.#openWhenLasting(candidate, frame);
  }

  #rise(frame: FrameObservation): readonly Alert[] {
    const candidate: Candidate = {
      started: frame.stamp,
      lastHigh: frame.stamp,
      last: seen(frame),
      peak: seen(frame),
      peakRegion: frame.region(),
    };
    this.#state = { kind: 'rising', candidate };
    return this.#openWhenLasting(candidate, frame);
  }

  #follow(candidate: Candidate, frame: FrameObservation): void {
    candidate.last = seen(frame);
    candidate.lastHigh = frame.stamp;
    if (frame.score <= candidate.peak.score) return;
    candidate.peak = seen(frame);
    candidate.peakRegion = frame.region();
  }

  #openWhenLasting(candidate: Candidate, frame: FrameObservation): readonly Alert[] {
    const { stamp } = frame;
    if (elapsedMs(candidate.started, stamp) < this.#policy.minDurationMs) return [];
    const alert: OpenAlert = {
      ...candidate,
      // Sortable by time, and unique: a sequence number opens one alert at most.
      id: `${candidate.started.capturedAtMs.toString(36).padStart(9, '0')}-${this.#cameraId}-${stamp.sequence.toString(36)}${this.#of.name}`,
      reported: stamp,
      reportedPeak: candidate.peak.score,
    };
    this.#state = { kind: 'open', alert };
    return [this.#phase('open', alert)];
  }

  #continueOrClose(alert: OpenAlert, frame: FrameObservation): readonly Alert[] {
    const { stamp } = frame;
    if (elapsedMs(alert.lastHigh, stamp) >= this.#policy.cooldownMs) return [this.#close(alert)];
    const isDue = elapsedMs(alert.reported, stamp) >= this.#policy.updateIntervalMs;
    if (!isDue && alert.peak.score < alert.reportedPeak * PEAK_GROWTH) return [];
    alert.reported = stamp;
    alert.reportedPeak = alert.peak.score;
    return [this.#phase('update', alert)];
  }

  #close(alert: OpenAlert): Alert {
    this.#state = { kind: 'quiet' };
    return this.#phase('close', alert);
  }

  #phase(phase: AlertPhase, alert: OpenAlert): Alert {
    return {
      id: alert.id,
      kind: this.#of.kind,
      cue: alert.peak.cue,
      phase,
      cameraId: this.#cameraId,
      sceneId: alert.last.sceneId,
      startedAtMs: alert.started.capturedAtMs,
      atMs: alert.last.stamp.capturedAtMs,
      sequence: alert.last.stamp.sequence,
      mediaTimeMs: alert.last.stamp.mediaTimeMs,
      score: alert.last.score,
      peakScore: alert.peak.score,
      threshold: alert.last.threshold,
      peak: alert.peak.peak,
      region: alert.peakRegion,
    };
  }
}

const seen = (frame: FrameObservation): SeenFrame => ({
  sceneId: frame.sceneId,
  stamp: frame.stamp,
  score: frame.score,
  threshold: frame.threshold,
  peak: frame.peak,
  cue: frame.cue,
});
