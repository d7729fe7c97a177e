// Reads one camera's scored segments in order: smooths the maps over time, masks what is ignored, takes the
// peak, and feeds the alert tracker. The only stage that knows a camera's past.
import type { Alert } from '../core/alert.ts';
import type { ViewEvent } from '../core/event.ts';
import { elapsedMs, type FrameStamp } from '../core/frame.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import { markedCue } from '../core/marked-cues.ts';
import type { SegmentScore } from '../core/segment-score.ts';
import { AlertTracker, type AlertPolicy, type TrackerState } from './alert-tracker.ts';
import { ChangeReader, type TrackedChange } from './change-reader.ts';
import { ignoreMask, type Polygon } from '../core/ignore-mask.ts';
import { cellCentre, peakOf, regionAround } from './map-peak.ts';
import { MapSmoother } from './map-smoother.ts';
import { MovementReader, type MovementReading } from './movement-reader.ts';
import { ViewReader, type ViewReaderState } from './view-reader.ts';

export interface ScoredFrame {
  readonly cameraId: CameraId;
  readonly sceneId: SceneId;
  readonly stamp: FrameStamp;
  readonly score: number;
  readonly threshold: number;
  readonly side: number;
  /** Smoothed map, (row, column); valid during the call only. */
  readonly map: Float32Array;
  readonly modelVersion: string;
}

/** What a reader knows of its camera's past. */
export interface ReaderState {
  readonly sceneId: SceneId;
  /** The last frame that was read. */
  readonly last: FrameStamp;
  readonly side: number;
  /** Of the smoother (map-smoother.ts), a view; undefined where smoothing starts anew. */
  readonly memory: Float32Array | undefined;
  readonly tracker: TrackerState;
  /** What stays, open or rising. */
  readonly changes: readonly TrackedChange[];
  readonly movement: MovementReading;
  /** Undefined where no view was measured yet. */
  readonly view: ViewReaderState | undefined;
}

export interface ScoreReaderOptions {
  readonly cameraId: CameraId;
  /** Weight of the newest map in the moving average. */
  readonly smoothing: number;
  /** Replaces the model's threshold when set. */
  readonly threshold: number | undefined;
  readonly ignore: readonly Polygon[];
  readonly policy: AlertPolicy;
  /** A pause in the frames longer than this starts smoothing anew. */
  readonly gapMs: number;
  readonly onFrame: (frame: ScoredFrame) => void;
  readonly onAlert: (alert: Alert) => void;
  /** Verdicts on the view hold alerts even where nobody hears of them. */
  readonly onView?: ((event: ViewEvent) => void) | undefined;
}

export class ScoreReader {
  readonly #options: ScoreReaderOptions;
  readonly #tracker: AlertTracker;
  readonly #changes: ChangeReader;
  readonly #movement: MovementReader;
  readonly #view: ViewReader;
  #smoother: MapSmoother | undefined;
  #mask: Uint8Array | undefined;
  #side = 0;
  #sceneId: SceneId | undefined;
  #last: FrameStamp | undefined;

  constructor(options: ScoreReaderOptions) {
    this.#options = options;
    this.#tracker = new AlertTracker(options.cameraId, options.policy);
    this.#changes = new ChangeReader(options.cameraId, options.onAlert);
    this.#movement = new MovementReader(options);
    this.#view = new ViewReader(options.cameraId, options.onView ?? (() => undefined));
  }

  get isAlertOpen(): boolean {
    return this.#tracker.isOpen || this.#changes.isOpen || this.#movement.isOpen;
  }

  /** Undefined before the first frame. */
  get state(): ReaderState | undefined {
    if (this.#last === undefined || this.#sceneId === undefined) return undefined;
    return {
      sceneId: this.#sceneId,
      last: this.#last,
      side: this.#side,
      memory: this.#smoother?.memory,
      tracker: this.#tracker.state,
      changes: this.#changes.state,
      movement: this.#movement.state,
      view: this.#view.state,
    };
  }

  /** Goes on from where another reader of the camera stood. */
  resume(state: ReaderState): void {
    this.#resize(state.side);
    if (state.memory !== undefined) this.#smoother?.resume(state.memory);
    this.#sceneId = state.sceneId;
    this.#last = state.last;
    this.#tracker.resume(state.tracker);
    this.#changes.resume(state.changes);
    this.#movement.resume(state.movement);
    if (state.view !== undefined) this.#view.resume(state.view);
  }

  /** Forgets the camera's past: what is open closes, and frames count from wherever they now begin. */
  restart(): void {
    this.expire(Infinity);
    this.#tracker.resume({ kind: 'quiet' });
    this.#changes.reset();
    this.#movement.reset();
    this.#smoother?.reset();
    this.#last = undefined;
  }

  /** A segment seen before, or older than one seen, changes nothing. */
  read(score: SegmentScore): void {
    const [first] = score.stamps;
    const last = this.#last;
    if (first === undefined || first.sequence <= (last?.sequence ?? -1)) return;
    if (score.side !== this.#side) this.#resize(score.side);
    const isGap = last !== undefined && elapsedMs(last, first) > this.#options.gapMs;
    if (isGap || score.sceneId !== this.#sceneId) this.#smoother?.reset();
    if (score.sceneId !== this.#sceneId) {
      this.#movement.forget();
      if (this.#sceneId !== undefined) this.#view.end('another scene is watched');
    }
    this.#sceneId = score.sceneId;
    this.#readView(score);
    score.stamps.forEach((stamp, index) => {
      this.#readFrame(score, stamp, index);
    });
    this.#readStay(score);
    const { sceneId, stamps, movement } = score;
    if (movement !== undefined && !this.#view.isHeld)
      this.#movement.observe({ sceneId, stamps, measures: movement });
  }

  /** Closes an alert whose camera fell silent; `silentMs` since its last frame. */
  expire(silentMs: number): void {
    for (const alert of this.#tracker.expire(silentMs)) this.#options.onAlert(alert);
    this.#changes.expire(silentMs);
    this.#movement.expire(silentMs);
    if (silentMs === Infinity) this.#view.end('nothing more is watched');
  }

  /** Before the frames: what they show may be the view's doing. */
  #readView({ view, stamps }: SegmentScore): void {
    const stamp = stamps.at(-1);
    if (view === undefined || stamp === undefined) return;
    const wasOpen = this.#view.isOpen;
    this.#view.read(view, stamp);
    if (this.#view.isOpen && !wasOpen) this.#closeAlerts();
    if (!this.#view.isOpen && wasOpen) this.#smoother?.reset();
  }

  /** What was open before the view was lost can't be followed, and what rose may have been the loss itself. */
  #closeAlerts(): void {
    for (const alert of this.#tracker.expire(Infinity)) this.#options.onAlert(alert);
    this.#tracker.resume({ kind: 'quiet' });
    this.#changes.expire(Infinity);
    this.#changes.reset();
    this.#movement.expire(Infinity);
  }

  #readStay({ stay, stamps, side, sceneId }: SegmentScore): void {
    const stamp = stamps.at(-1);
    if (stay === undefined || stamp === undefined || !this.#view.isSettled(stamp)) return;
    const isAnomalyOpen = this.#tracker.isOpen;
    const isIgnored = this.#mask;
    this.#changes.observe({ sceneId, stamp, side, map: stay.map, isIgnored, isAnomalyOpen });
  }

  #readFrame(segment: SegmentScore, stamp: FrameStamp, index: number): void {
    const { side, sceneId, modelVersion } = segment;
    const cellCount = side * side;
    const raw = segment.maps.subarray(index * cellCount, (index + 1) * cellCount);
    const map = this.#smoother?.smooth(raw) ?? raw;
    const threshold = this.#options.threshold ?? segment.threshold;
    const { score, cell } = peakOf(map, this.#mask);
    this.#last = stamp;
    const { cameraId, onFrame, onAlert } = this.#options;
    onFrame({ cameraId, sceneId, stamp, score, threshold, side, map, modelVersion });
    if (cell === -1 || this.#view.isHeld) return;
    const alerts = this.#tracker.observe({
      sceneId,
      stamp,
      score,
      threshold,
      peak: cellCentre(cell, side),
      cue: markedCue(raw[cell] ?? 0),
      region: () => regionAround(map, side, cell, threshold, this.#mask),
    });
    for (const alert of alerts) onAlert(alert);
  }

  #resize(side: number): void {
    this.#side = side;
    this.#mask = ignoreMask(this.#options.ignore, side);
    this.#smoother = new MapSmoother({ weight: this.#options.smoothing, cellCount: side * side });
  }
}
