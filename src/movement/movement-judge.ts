// Follows a camera's movement over time: whether what always moves has stopped, and whether something goes against the
// usual direction. Knows no model: what segments are held against comes with them (movement-measures.ts).
import { elapsedMs, type FrameStamp } from '../core/frame.ts';
import type { Point, Region } from '../core/place.ts';
import { DirectionTrail, NO_EVIDENCE } from './direction-trail.ts';
import type { SegmentMovement } from './movement-measures.ts';
import { WINDOWS, regionsOf, windowMean, windowRegion } from './movement-windows.ts';
import { REGION_COUNT, REGION_SIDE } from './regions.ts';
import { LEAST_SHARE, RunningShares } from './running-shares.ts';

/** Scores say how often a threshold, up to this. */
const HIGHEST_SCORE = 20;

/** Plain data: it may be written down and taken up again. */
export interface MovementState {
  /** The last frame that was followed. */
  readonly last: FrameStamp;
  /** (span, region). */
  readonly averages: readonly number[];
  /** Of each region. */
  readonly sums: readonly number[];
}

export interface MovementFinding {
  /** In thresholds: 1 or more is an alert. */
  readonly score: number;
  readonly peak: Point;
  readonly region: Region;
}

/** Of a cue that the scene's model knows nothing of: undefined. */
export interface MovementFindings {
  readonly absence: MovementFinding | undefined;
  readonly direction: MovementFinding | undefined;
}

const NOTHING: MovementFindings = { absence: undefined, direction: undefined };
const WHOLE = { x: 0, y: 0, width: 1, height: 1 };

export class MovementJudge {
  readonly #gapMs: number;
  readonly #shares = new RunningShares();
  readonly #trail = new DirectionTrail();
  readonly #odds = new Float64Array(REGION_COUNT);
  #last: FrameStamp | undefined;

  /** @param gapMs a pause in the frames longer than this starts anew */
  constructor(gapMs: number) {
    this.#gapMs = gapMs;
    this.reset();
  }

  get state(): MovementState | undefined {
    if (this.#last === undefined) return undefined;
    return {
      last: this.#last,
      averages: Array.from(this.#shares.averages, rounded),
      sums: Array.from(this.#trail.sums, rounded),
    };
  }

  resume({ last, averages, sums }: MovementState): void {
    this.#last = last;
    this.#shares.resume(averages);
    this.#trail.sums.set(sums);
  }

  /** Forgets what was: after a gap, or when the scene changes. */
  reset(): void {
    this.#last = undefined;
    this.#shares.assumeMoved();
    this.#trail.reset();
  }

  /**
   * Segments come in time order.
   *
   * @param stamps of the segment's frames
   * @param isIgnored a number a region, 1 where it does not count
   */
  judge(
    movement: SegmentMovement,
    stamps: readonly FrameStamp[],
    isIgnored?: Uint8Array,
  ): MovementFindings {
    const [first, newest] = [stamps[0], stamps.at(-1)];
    if (first === undefined || newest === undefined) return NOTHING;
    if (this.#last !== undefined && elapsedMs(this.#last, first) > this.#gapMs) this.reset();
    const seconds = elapsedMs(this.#last ?? first, newest) / 1_000;
    this.#last = newest;
    if (!(seconds > 0)) return NOTHING;
    return {
      absence: this.#absence(movement, seconds, isIgnored),
      direction: this.#direction(movement, seconds, isIgnored),
    };
  }

  #absence(
    { shares, limits }: SegmentMovement,
    seconds: number,
    isIgnored: Uint8Array | undefined,
  ): MovementFinding | undefined {
    if (shares !== undefined) this.#shares.add(shares, seconds);
    if (limits.length === 0) return undefined;
    let [score, at] = [0, -1];
    for (const { place, value } of limits) {
      const window = WINDOWS[place % WINDOWS.length];
      if (window === undefined) continue;
      if (isIgnored !== undefined && regionsOf(window).some((region) => isIgnored[region] === 1)) {
        continue;
      }
      const from = Math.floor(place / WINDOWS.length) * REGION_COUNT;
      const share = windowMean(this.#shares.averages, from, window);
      const excess = Math.exp(value - Math.log(Math.max(share, LEAST_SHARE)));
      if (excess > score) [score, at] = [excess, place % WINDOWS.length];
    }
    const window = WINDOWS[at];
    const region = window === undefined ? WHOLE : windowRegion(window);
    return { score: Math.min(score, HIGHEST_SCORE), region, peak: centreOf(region) };
  }

  #direction(
    { odds, stepCount, directionThreshold }: SegmentMovement,
    seconds: number,
    isIgnored: Uint8Array | undefined,
  ): MovementFinding | undefined {
    if (directionThreshold === undefined) return undefined;
    let highest = { score: 0, region: -1 };
    for (let step = 0; step < stepCount; step++) {
      for (let region = 0; region < REGION_COUNT; region++) {
        this.#odds[region] =
          isIgnored?.[region] === 1
            ? NO_EVIDENCE
            : (odds[step * REGION_COUNT + region] ?? NO_EVIDENCE);
      }
      this.#trail.step(this.#odds, seconds / stepCount);
      const peak = this.#trail.peak();
      if (peak.score > highest.score) highest = peak;
    }
    const score = Math.min(highest.score / directionThreshold, HIGHEST_SCORE);
    const region = highest.region < 0 ? WHOLE : regionAt(highest.region);
    return { score, region, peak: centreOf(region) };
  }
}

const regionAt = (region: number): Region =>
  windowRegion({
    left: region % REGION_SIDE,
    top: Math.floor(region / REGION_SIDE),
    side: 1,
  });

const centreOf = ({ x, y, width, height }: Region): Point => ({
  x: x + width / 2,
  y: y + height / 2,
});

/** Digits beyond these say nothing, and are written with every state. */
const rounded = (value: number): number => Number(value.toPrecision(6));
