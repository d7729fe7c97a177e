// What one reading says of the view, by itself. Levels are round numbers far from what normal footage and what tampering
// measure (docs/ref/view.md); where normal footage varies more, its own spread is the level.
import type { ViewVerdict } from '../core/event.ts';
import type { ViewReading } from './view-fields.ts';

/** Below this share of blocks with edges of their own, losing them tells little. */
const STRUCTURED = 0.1;
/** Share of the edges that is gone when nothing of the scene is seen, and when it is another view. */
const BLIND = 0.7;
const ELSEWHERE = 0.6;
/** Correlation of the coarse picture below which it is another one, and above which it is the same out of focus. */
const UNLIKE = 0.35;
const ALIKE = 0.5;
/** Share of the edges that something smooth took: less may be a lorry. */
const COVERED = 0.25;
/** Share of the usual agreement that chance leaves. */
const CHANCE = 0.2;
/** Of what is lost, so much is smooth where something covers the lens: another view is smooth here and there. */
const MOSTLY = 0.6;
/** A test card has grey in it; so much of it is a decoder's. */
const MOSTLY_GREY = 0.4;
/** Energy that is left when a picture is empty, and when it is out of focus: logarithms. */
const EMPTY = -3;
const BLURRED = -1;
/** Share of the edges that is gone, and that is whole, where noise hides how soft they are. */
const WASHED_OUT = 0.5;
const NONE = 0.1;
/** Spreads of normal footage. */
const FAR = 4;
/** The same of fewer blocks than the spread was measured on. */
const FAR_OF_FEW = 2 * FAR;
/** Share of the picture that is dark or bright when it shows nothing else. */
const ALL_DARK = 0.85;
const ALL_BRIGHT = 0.6;
/** Pixels, from which on a shift is told. */
const MOVED_PIXELS = 3;
/** Of the least that normal footage changes from frame to frame: less than sensor noise allows. */
const REPEATED = 0.25;
const DRAWN = 0.02;
/** Standard deviation of luma, 0..1, of a picture that shows something. */
const CONTENT = 0.1;

/** Of the edges and of the fine structure, what has long been so: light changes slowly, and tampering does not. */
export interface ViewHabit {
  readonly lost: number;
  readonly sharpness: number;
}

/**
 * Undefined when the reading gives no reason for a verdict. Frozen and damaged need more than one.
 *
 * @param ease 1 to open; less to stay open
 */
export const evidenceOf = (
  reading: ViewReading,
  habit: ViewHabit,
  ease: number,
): ViewVerdict | undefined => {
  const { lost, lostSmooth } = reading;
  const isNews = lost - habit.lost >= (ELSEWHERE - COVERED) * ease;
  if (isBlind(reading, ease) && isNews) {
    if (reading.dark >= ALL_DARK * ease) return 'dark';
    if (reading.bright >= ALL_BRIGHT * ease) return 'bright';
  }
  // What a decoder left out is no cover.
  if (isDamaged(reading)) return undefined;
  if (isBlurred(reading, habit, ease)) return 'defocused';
  if (isBlind(reading, ease) && isNews && reading.texture < EMPTY * ease) return 'covered';
  if (
    reading.structured >= STRUCTURED &&
    lostSmooth >= COVERED * ease &&
    lostSmooth >= MOSTLY * lost &&
    lost - habit.lost >= COVERED * ease
  ) {
    return 'covered';
  }
  if (isElsewhere(reading, ease) && isNews) return 'moved';
  return reading.registered === 1 && reading.displacement >= MOVED_PIXELS * ease
    ? 'moved'
    : undefined;
};

const isBlind = ({ structured, lost, texture, agreement }: ViewReading, ease: number): boolean =>
  structured >= STRUCTURED ? lost >= BLIND * ease : texture < EMPTY * ease && agreement < 0.5;

/**
 * The same picture from afar, with its fine structure gone: either that is plain to see, or noise hides it, and no edge
 * is whole any more.
 */
const isBlurred = (reading: ViewReading, habit: ViewHabit, ease: number): boolean => {
  const { sharpness, sharpnessSpread, texture, likeness, lost, intact } = reading;
  if (likeness <= ALIKE) return false;
  const isSoft =
    Math.max(sharpness, sharpness - habit.sharpness) < BLURRED * ease &&
    sharpness < -FAR_OF_FEW * sharpnessSpread &&
    texture < BLURRED / 2;
  const isWashedOut =
    sharpness < (BLURRED / 2) * ease &&
    texture < BLURRED * ease &&
    Math.min(lost, lost - habit.lost) >= WASHED_OUT * ease &&
    intact < NONE;
  return isSoft || isWashedOut;
};

const isElsewhere = (reading: ViewReading, ease: number): boolean => {
  const { structured, lost, registered, likeness, agreement, disagreement } = reading;
  if (registered === 1 || likeness >= UNLIKE / ease) return false;
  return structured >= STRUCTURED
    ? lost >= ELSEWHERE * ease
    : agreement < CHANCE / ease && disagreement > FAR;
};

/** Whether a decoder left parts of the picture out. */
export const isDamaged = (reading: ViewReading): boolean =>
  reading.greyFrames > 0 && (reading.greyShare >= MOSTLY_GREY || !isElsewhere(reading, 1));

/** Whether all pictures of the segment repeat the one before them, but for what coding adds. */
export const isStill = ({ pairs, repeats, difference }: ViewReading): boolean =>
  pairs > 0 && (repeats === pairs || (repeats === 0 && difference < REPEATED));

/** Whether a still picture is another one than was learnt, such as a test card: no camera gives one so still. */
export const isTestCard = (reading: ViewReading): boolean =>
  isElsewhere(reading, 1) && reading.difference < DRAWN && reading.contrast > CONTENT;
