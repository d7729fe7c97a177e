// The ffmpeg filter expression that thins frames out to a rate. It only ever passes frames on: where
// the source has fewer, or a gap, nothing is invented.

/** A frame this much early (in sampling periods) counts as due, so that jitter does not skip it. */
const TOLERANCE_PERIODS = 0.25;
/** Further from its due time than this (in periods), the schedule starts anew at that frame. */
const RESTART_PERIODS = 2;

/**
 * Expression for ffmpeg's `select`. Register 0 holds when the next frame is due: each chosen frame
 * moves it on by one period, so that the average rate is exact. (Asking for a minimum distance from
 * the chosen frame before gives 2.5 frames/s where 3 of 10 are asked for, and rounding makes it miss
 * every other frame at 5 of 10.) After a gap, or when time jumps back because a camera restarted its
 * clock, the schedule starts anew, so a jump never silences the source.
 */
export const selectExpression = (fps: number): string => {
  const start = `st(0,t+1/${fps});1`;
  const next = `st(0,ld(0)+1/${fps});1`;
  return (
    `if(isnan(prev_selected_t)+gt(abs(t-ld(0)),${RESTART_PERIODS}/${fps}),${start},` +
    `if(gte(t,ld(0)-${TOLERANCE_PERIODS}/${fps}),${next},0))`
  );
};
