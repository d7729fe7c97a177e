// Turns one camera's view readings into verdicts.
//
// States:
//   clear     nothing is wrong, or not for long enough
//   suspect   readings give reason for a verdict, not yet for CONFIRM_MS
//   open      a verdict is told
// Transitions, on frame time:
//   clear → suspect   a reading gives a reason
//   suspect → open    reasons went on for the verdict's CONFIRM_MS, and its own for half of that
//   suspect → clear   a reading gives none
//   open → clear      none has been given for CLEAR_MS, at a lower level than it takes to open
//   open → open       another verdict has been given for CLEAR_MS: one closes, the other opens
// Frozen needs FROZEN_MS of pictures that repeat, damaged needs damage in two readings, moved the median of several
// placements: a mast that shakes is where it was.
import type { ViewVerdict } from '../core/event.ts';
import { elapsedMs, type FrameStamp } from '../core/frame.ts';
import { displacementOf, type Placement } from './registration.ts';
import { evidenceOf, isDamaged, isStill, isTestCard } from './view-evidence.ts';
import type { ViewReading } from './view-fields.ts';
import { viewReason } from './view-reason.ts';

/** Frozen and damaged were waited for already, and so was the median of placements. */
const CONFIRM_MS: Readonly<Record<ViewVerdict, number>> = {
  dark: 2_500,
  bright: 2_500,
  covered: 2_500,
  defocused: 2_500,
  moved: 1_000,
  frozen: 0,
  damaged: 0,
};
/** Of a view that is another one altogether: something that fills the picture may pass. */
const ELSEWHERE_CONFIRM_MS = 2_500;
const CLEAR_MS = 3_000;
/** Pictures that repeat: so long, or so many times the longest of normal footage. */
const FROZEN_MS = 12_000;
const FROZEN_NORMALS = 5;
/** Sooner than that a picture is not trusted to tell of the scene. */
const STUCK_MS = 2_000;
const STUCK_NORMALS = 2;
/** Of a picture that is another one besides. */
const TEST_CARD_MS = 2_000;
/** Damage is remembered so long. */
const DAMAGE_MS = 10_000;
/** Placements of which the median is taken. */
const PLACEMENTS_MS = 3_500;
const LEAST_PLACEMENTS = 3;
const PLACED_MS = 1_900;
/** What lasts so long is no news: light over the day, not a hand. */
const HABIT_MS = 120_000;
/** A level that opened a verdict keeps it open at this share of itself. */
const EASE = 0.8;
const MOVED_PIXELS = 3;
/** A pause longer than this says nothing of what was before it. */
const PAUSE_MS = 10_000;

interface Seen {
  readonly atMs: number;
  readonly x: number;
  readonly y: number;
  readonly turn: number;
  readonly zoom: number;
}

/** Plain data: it may be written down and taken up again. Times are of the judge's own clock, milliseconds. */
export interface ViewState {
  readonly clockMs: number;
  readonly last: FrameStamp | undefined;
  readonly open: ViewVerdict | undefined;
  /** Since when readings give reasons, and the newest the same one. */
  readonly suspect:
    | { readonly sinceMs: number; readonly verdict: ViewVerdict; readonly verdictMs: number }
    | undefined;
  /** When the open verdict was last given reason for. */
  readonly confirmedMs: number;
  /** Whether the last reading gave any reason, be it too weak for a verdict by itself. */
  readonly isDoubtful: boolean;
  readonly stillSinceMs: number | undefined;
  readonly placements: readonly Seen[];
  readonly damagedMs: readonly number[];
  readonly habitLost: number;
  readonly habitSharpness: number;
}

export interface ViewChange {
  readonly phase: 'open' | 'close';
  readonly verdict: ViewVerdict;
  readonly reason: string;
}

const CLEAR: ViewState = {
  clockMs: 0,
  last: undefined,
  open: undefined,
  suspect: undefined,
  confirmedMs: 0,
  isDoubtful: false,
  stillSinceMs: undefined,
  placements: [],
  damagedMs: [],
  habitLost: 0,
  habitSharpness: 0,
};

export class ViewJudge {
  #state: ViewState = CLEAR;

  get state(): ViewState {
    return this.#state;
  }

  /** Goes on from where another judge of the camera stood. */
  resume(state: ViewState): void {
    this.#state = state;
  }

  /** A verdict is told, or may be soon: what the scene's cues say meanwhile may be the view's doing. */
  get isHeld(): boolean {
    return this.#state.open !== undefined || this.#state.isDoubtful;
  }

  /** @param stamp of the segment's last frame. Returns what changed, in order. */
  read(reading: ViewReading, stamp: FrameStamp): readonly ViewChange[] {
    const beforeMs = this.#state.clockMs;
    this.#state = follow(this.#state, reading, stamp);
    const { open, habitLost, habitSharpness } = this.#state;
    const ease = open === undefined ? 1 : EASE;
    const habit = { lost: habitLost, sharpness: habitSharpness };
    const evidence = evidenceOf(reading, habit, ease);
    const verdict = verdictOf(this.#state, reading, evidence, ease);
    this.#state = suspect(this.#state, verdict);
    const isDoubtful =
      evidence !== undefined ||
      verdict !== undefined ||
      isDamaged(reading) ||
      isStuck(this.#state, reading);
    this.#state = { ...this.#state, isDoubtful };
    if (!isDoubtful) this.#learnHabit(reading, this.#state.clockMs - beforeMs);
    return open === undefined ? this.#maybeOpen(reading) : this.#maybeClose(open, reading);
  }

  /** Another model, or a camera that starts anew: what is open closes. */
  reset(reason: string): readonly ViewChange[] {
    const { open } = this.#state;
    this.#state = CLEAR;
    return open === undefined ? [] : [{ phase: 'close', verdict: open, reason }];
  }

  #learnHabit({ lost, sharpness }: ViewReading, sinceMs: number): void {
    const weight = 1 - Math.exp(-sinceMs / HABIT_MS);
    const { habitLost, habitSharpness } = this.#state;
    this.#state = {
      ...this.#state,
      habitLost: habitLost + weight * (lost - habitLost),
      habitSharpness: habitSharpness + weight * (sharpness - habitSharpness),
    };
  }

  #maybeOpen(reading: ViewReading): readonly ViewChange[] {
    const { suspect: suspected, clockMs } = this.#state;
    if (suspected === undefined) return [];
    const { verdict, sinceMs, verdictMs } = suspected;
    const confirmMs =
      verdict === 'moved' && reading.registered === 0 ? ELSEWHERE_CONFIRM_MS : CONFIRM_MS[verdict];
    if (clockMs - sinceMs < confirmMs || clockMs - verdictMs < confirmMs / 2) return [];
    this.#state = { ...this.#state, open: verdict, confirmedMs: clockMs };
    return [{ phase: 'open', verdict, reason: viewReason(verdict, reading) }];
  }

  #maybeClose(open: ViewVerdict, reading: ViewReading): readonly ViewChange[] {
    const { clockMs, confirmedMs } = this.#state;
    if (clockMs - confirmedMs < CLEAR_MS) return [];
    this.#state = { ...this.#state, open: undefined };
    const closed: ViewChange = { phase: 'close', verdict: open, reason: 'as it was learnt again' };
    if (this.#state.suspect === undefined) return [closed];
    const next = this.#maybeOpen(reading);
    return [{ ...closed, reason: 'something else is wrong now' }, ...next];
  }
}

/** It may be frozen: nothing that stops or stays in such a picture is news of the scene. */
const isStuck = ({ clockMs, stillSinceMs }: ViewState, { longestRepeatMs }: ViewReading): boolean =>
  stillSinceMs !== undefined &&
  clockMs - stillSinceMs >= Math.max(STUCK_MS, STUCK_NORMALS * longestRepeatMs);

/** The clock, and what is remembered of several readings. */
const follow = (state: ViewState, reading: ViewReading, stamp: FrameStamp): ViewState => {
  const sinceMs = state.last === undefined ? 0 : Math.max(0, elapsedMs(state.last, stamp));
  const isPause = sinceMs > PAUSE_MS;
  const clockMs = state.clockMs + Math.min(sinceMs, PAUSE_MS);
  const { shiftX: x, shiftY: y, turn, zoom } = reading;
  const recent = state.placements.filter(({ atMs }) => clockMs - atMs <= PLACEMENTS_MS);
  const damaged = state.damagedMs.filter((atMs) => clockMs - atMs <= DAMAGE_MS);
  const still = isPause ? undefined : state.stillSinceMs;
  return {
    ...state,
    clockMs,
    last: stamp,
    suspect: isPause ? undefined : state.suspect,
    stillSinceMs: isStill(reading) ? (still ?? clockMs) : undefined,
    placements: [...(isPause ? [] : recent), { atMs: clockMs, x, y, turn, zoom }],
    damagedMs: isDamaged(reading) ? [...damaged, clockMs] : damaged,
  };
};

const verdictOf = (
  { clockMs, stillSinceMs, damagedMs, placements, open }: ViewState,
  reading: ViewReading,
  evidence: ViewVerdict | undefined,
  ease: number,
): ViewVerdict | undefined => {
  if (evidence === 'dark' || evidence === 'bright') return evidence;
  const stillMs = stillSinceMs === undefined ? 0 : clockMs - stillSinceMs;
  if (isTestCard(reading) && stillMs >= TEST_CARD_MS) return 'frozen';
  if (evidence === 'covered') return evidence;
  if (damagedMs.length > (open === 'damaged' ? 0 : 1)) return 'damaged';
  if (stillMs >= Math.max(FROZEN_MS, FROZEN_NORMALS * reading.longestRepeatMs)) return 'frozen';
  if (evidence !== 'moved' || reading.registered === 0) return evidence;
  const sinceMs = clockMs - (placements[0]?.atMs ?? clockMs);
  if (placements.length < LEAST_PLACEMENTS || sinceMs < PLACED_MS) return undefined;
  return displacementOf(medianPlacement(placements)) >= MOVED_PIXELS * ease ? 'moved' : undefined;
};

const suspect = (state: ViewState, verdict: ViewVerdict | undefined): ViewState => {
  if (verdict === undefined) return { ...state, suspect: undefined };
  const { clockMs, open, suspect: before } = state;
  const verdictMs = before?.verdict === verdict ? before.verdictMs : clockMs;
  return {
    ...state,
    suspect: { sinceMs: before?.sinceMs ?? clockMs, verdict, verdictMs },
    confirmedMs: verdict === open ? clockMs : state.confirmedMs,
  };
};

const medianPlacement = (placements: readonly Seen[]): Placement => ({
  shiftX: medianOf(placements.map(({ x }) => x)),
  shiftY: medianOf(placements.map(({ y }) => y)),
  turn: medianOf(placements.map(({ turn }) => turn)),
  zoom: medianOf(placements.map(({ zoom }) => zoom)),
});

const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};
