// Reads what stays of one camera: each place where the slow picture is not as it was learnt becomes a change of its
// own, which is open for as long as the place looks so. Several may be open at once: what lies there does not hide
// what is put down beside it.
import type { Alert } from '../core/alert.ts';
import { elapsedMs, type FrameStamp } from '../core/frame.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import type { Region } from '../core/place.ts';
import { AlertTracker, type AlertPolicy, type TrackerState } from './alert-tracker.ts';
import { cellCentre, peakOf, regionAround } from './map-peak.ts';

/** Maps are in thresholds. */
const THRESHOLD = 1;
/** Two slow pictures, a second apart, must agree. It closes when its place has looked as learnt for some. */
export const CHANGE_POLICY: AlertPolicy = {
  hysteresis: 0.8,
  minDurationMs: 500,
  cooldownMs: 3_000,
  updateIntervalMs: 10_000,
};
/** A camera that gave no frame for so long may show anything when it is back. */
const SILENCE_MS = 60_000;
/**
 * While an anomaly is open, what stays in it is part of it: people who cross a lawn stop on it. What is still there when
 * it closes, or has stayed so long, is told for itself.
 */
const PART_OF_ANOMALY_MS = 15_000;
/** Beyond this share of cells over the threshold it is the view that changed, and not something in it. */
export const MOST_CHANGED_SHARE = 0.3;
/** More places at once are told as those that are there already. */
export const MOST_CHANGES = 16;

/** Of one slow picture. */
export interface StayObservation {
  readonly sceneId: SceneId;
  readonly stamp: FrameStamp;
  readonly side: number;
  /** (row, column), in thresholds. */
  readonly map: Float32Array;
  readonly isIgnored: Uint8Array | undefined;
  /** An anomaly of the camera is open. */
  readonly isAnomalyOpen: boolean;
}

/** Plain data. */
export interface TrackedChange {
  readonly number: number;
  /** Where it was when it was last over the threshold. */
  readonly region: Region;
  readonly tracker: TrackerState;
}

interface Change {
  readonly number: number;
  readonly tracker: AlertTracker;
  region: Region;
}

export class ChangeReader {
  readonly #cameraId: CameraId;
  readonly #onAlert: (alert: Alert) => void;
  #changes: Change[] = [];

  constructor(cameraId: CameraId, onAlert: (alert: Alert) => void) {
    this.#cameraId = cameraId;
    this.#onAlert = onAlert;
  }

  get isOpen(): boolean {
    return this.#changes.some(({ tracker }) => tracker.isOpen);
  }

  get state(): readonly TrackedChange[] {
    return this.#changes.map(({ number, region, tracker }) => ({
      ...{ number, region },
      tracker: tracker.state,
    }));
  }

  resume(state: readonly TrackedChange[]): void {
    this.#changes = state.map(({ number, region, tracker }) => {
      const change = this.#change(number, region);
      change.tracker.resume(tracker);
      return change;
    });
  }

  /** Slow pictures come in time order. */
  observe(seen: StayObservation): void {
    const places = placesOf(seen);
    if (places === undefined) return;
    const left = new Set(places);
    for (const change of this.#changes) {
      const own = places.filter(({ region }) => touch(region, change.region));
      for (const place of own) left.delete(place);
      const highest = own.reduce<Place | undefined>(
        (best, place) => (best === undefined || place.score > best.score ? place : best),
        undefined,
      );
      if (highest !== undefined) change.region = highest.region;
      this.#tell(change, seen, highest);
    }
    for (const place of left) {
      if (place.score < THRESHOLD || this.#changes.length >= MOST_CHANGES) continue;
      const change = this.#change(this.#freeNumber(), place.region);
      this.#changes.push(change);
      this.#tell(change, seen, place);
    }
    this.#changes = this.#changes.filter(({ tracker }) => tracker.state.kind !== 'quiet');
  }

  /** Closes what is open of a camera that is silent for good: a short break does not take away what lies there. */
  expire(silentMs: number): void {
    if (silentMs < SILENCE_MS) return;
    for (const { tracker } of this.#changes) tracker.expire(silentMs).forEach(this.#onAlert);
    this.#changes = this.#changes.filter(({ tracker }) => tracker.state.kind !== 'quiet');
  }

  /** Forgets all of it without a word; close what is open first. */
  reset(): void {
    this.#changes = [];
  }

  #change(number: number, region: Region): Change {
    const of = { kind: 'change', name: `-c${number}` } as const;
    return { number, region, tracker: new AlertTracker(this.#cameraId, CHANGE_POLICY, of) };
  }

  /** No two of the changes that are open have one. */
  #freeNumber(): number {
    const taken = new Set(this.#changes.map(({ number }) => number));
    let number = 0;
    while (taken.has(number)) number += 1;
    return number;
  }

  #tell(change: Change, seen: StayObservation, place: Place | undefined): void {
    const { sceneId, stamp, side } = seen;
    if (place !== undefined && isPartOfAnomaly(change.tracker.state, seen)) return;
    const { x, y, width, height } = change.region;
    const alerts = change.tracker.observe({
      sceneId,
      stamp,
      score: place?.score ?? 0,
      threshold: THRESHOLD,
      peak:
        place === undefined
          ? { x: x + width / 2, y: y + height / 2 }
          : cellCentre(place.cell, side),
      cue: 'stay',
      region: () => change.region,
    });
    alerts.forEach(this.#onAlert);
  }
}

const isPartOfAnomaly = (state: TrackerState, { isAnomalyOpen, stamp }: StayObservation): boolean =>
  isAnomalyOpen &&
  state.kind === 'rising' &&
  elapsedMs(state.candidate.started, stamp) < PART_OF_ANOMALY_MS;

interface Place {
  readonly score: number;
  readonly cell: number;
  readonly region: Region;
}

/**
 * Connected areas at or over the closing level, highest first; undefined where so much of the picture has changed that
 * it is the view's business.
 */
const placesOf = ({ map, side, isIgnored }: StayObservation): readonly Place[] | undefined => {
  let over = 0;
  let watched = 0;
  map.forEach((value, cell) => {
    if (isIgnored?.[cell] === 1) return;
    watched += 1;
    if (value >= THRESHOLD) over += 1;
  });
  if (over > MOST_CHANGED_SHARE * watched) return undefined;
  const level = THRESHOLD * CHANGE_POLICY.hysteresis;
  const left = map.slice();
  const places: Place[] = [];
  while (places.length < 2 * MOST_CHANGES) {
    const { score, cell } = peakOf(left, isIgnored);
    if (!(score >= level)) break;
    const region = regionAround(left, side, cell, level, isIgnored);
    places.push({ score, cell, region });
    clear(left, side, region);
  }
  return places;
};

/** What lies within the box of an area is of it. */
const clear = (map: Float32Array, side: number, { x, y, width, height }: Region): void => {
  const left = Math.round(x * side);
  const right = Math.round((x + width) * side);
  for (let row = Math.round(y * side); row < Math.round((y + height) * side); row++) {
    map.fill(0, row * side + left, row * side + right);
  }
};

const touch = (a: Region, b: Region): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
