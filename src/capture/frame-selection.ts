// The ffmpeg filter expression that thins frames out to a rate, and writes one mark for every decoded frame into
// ffmpeg's log: its time, whether it is a key frame, whether it was chosen. It only ever passes frames on: where
// the source has fewer, or a gap, nothing is invented. In the log, because there the marks stand in
// one order with what ffmpeg says about the frames (that packets were lost), on every version from 4 on.

/** A frame this much early (in sampling periods) counts as due, so that jitter does not skip it. */
const TOLERANCE_PERIODS = 0.25;
/** Further from its due time than this (in periods), the schedule starts anew at that frame. */
const RESTART_PERIODS = 2;

/**
 * Which frames are chosen. Register 0 holds when the next frame is due: each chosen frame
 * moves it on by one period, so that the average rate is exact. (Asking for a minimum distance from
 * the chosen frame before gives 2.5 frames/s where 3 of 10 are asked for, and rounding makes it miss
 * every other frame at 5 of 10.) After a gap, or when time jumps back because a camera restarted its
 * clock, the schedule starts anew, so a jump never silences the source.
 */
const chooseExpression = (fps: number | 'all'): string => {
  if (fps === 'all') return '1';
  const start = `st(0,t+1/${fps});1`;
  const next = `st(0,ld(0)+1/${fps});1`;
  return (
    `if(isnan(prev_selected_t)+gt(abs(t-ld(0)),${RESTART_PERIODS}/${fps}),${start},` +
    `if(gte(t,ld(0)-${TOLERANCE_PERIODS}/${fps}),${next},0))`
  );
};

/** ffmpeg's level `warning`: the lines of its own that are needed have it too. */
const MARK_LEVEL = 24;

/**
 * Expression for ffmpeg's `select`; the time base must be milliseconds. Register 1 holds the time of the latest frame
 * that had one (a frame without keeps the one before it), register 2 the choice.
 */
export const selectExpression = (fps: number | 'all'): string =>
  `st(2,${chooseExpression(fps)});st(1,if(isnan(pts),ld(1),pts));` +
  `print(8*ld(1)+4*eq(pict_type,B)+2*gt(key,0)+ld(2),${MARK_LEVEL});ld(2)`;

const MARK = /^(?:\[Eval @ [^\]]+\] )?\[warning\] (-?\d+)\.0+$/;

export interface DecodedFrame {
  readonly timeMs: number;
  readonly isKey: boolean;
  /** Built on a later picture too, which was decoded before it. */
  readonly isBidirectional: boolean;
  readonly isChosen: boolean;
}

/** Undefined for every other line of the log. */
export const readMark = (line: string): DecodedFrame | undefined => {
  const text = MARK.exec(line)?.[1];
  if (text === undefined) return undefined;
  const value = Number(text);
  const flags = ((value % 8) + 8) % 8;
  return {
    timeMs: (value - flags) / 8,
    isBidirectional: flags >= 4,
    isKey: flags % 4 >= 2,
    isChosen: flags % 2 === 1,
  };
};
