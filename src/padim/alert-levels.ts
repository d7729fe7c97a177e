// From frame scores to what the alert tracker makes of them: the highest threshold at which an alert would open.

export interface AlertTiming {
  /** Frames after the first that must stay high for an alert to open. */
  readonly sustainFrames: number;
  /** Frames below the closing level after which an alert has closed. */
  readonly cooldownFrames: number;
  /** Closing level as a fraction of the threshold. */
  readonly hysteresis: number;
}

/**
 * For each frame, the highest threshold at which it would begin an alert: its own score, and all of the next
 * `sustainFrames` scores at or over the closing level (reading/alert-tracker.ts). −Infinity where the footage ends
 * before.
 */
export const alertLevels = (scores: Float64Array, timing: AlertTiming): Float64Array => {
  const { sustainFrames, hysteresis } = timing;
  return scores.map((score, index) => {
    if (index + sustainFrames >= scores.length) return -Infinity;
    let level = score;
    for (let next = index + 1; next <= index + sustainFrames; next++) {
      level = Math.min(level, scores[next]! / hysteresis);
    }
    return level;
  });
};

/** The highest level of each alert that would open at a threshold. */
export const alertPeaks = (
  levels: Float64Array,
  threshold: number,
  { cooldownFrames, hysteresis }: AlertTiming,
): readonly number[] => {
  const peaks: number[] = [];
  let lastHigh = -Infinity;
  levels.forEach((level, index) => {
    const isOpen = index - lastHigh <= cooldownFrames;
    if (level >= threshold) {
      if (isOpen && peaks.length > 0) peaks.push(Math.max(peaks.pop() ?? level, level));
      else peaks.push(level);
    }
    if (level >= threshold || (isOpen && level >= threshold * hysteresis)) lastHigh = index;
  });
  return peaks;
};
