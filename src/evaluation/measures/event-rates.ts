// What an operator feels, frame scores aside: how many events are found, and how many false alerts that costs.

export interface ScoredClip {
  /** Consecutive frames. */
  readonly scores: Float64Array;
  /** Non-zero = anomalous, one per score. */
  readonly labels: Uint8Array;
}

export interface EventRates {
  /** The highest threshold at which the wanted share of events is found. */
  readonly threshold: number;
  readonly eventCount: number;
  /** Share found at that threshold. */
  readonly recall: number;
  readonly falseAlertsPerHour: number;
}

export interface EventRateOptions {
  /** Share of events to be found, 0..1. */
  readonly recall: number;
  readonly framesPerSecond: number;
  /** False alerts closer together than this are one. */
  readonly mergeSeconds: number;
}

interface Run {
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

/** Maximal runs of frames that a test holds for. */
const runsWhere = (length: number, holds: (frame: number) => boolean): readonly Run[] => {
  const runs: Run[] = [];
  let first: number | undefined;
  for (let frame = 0; frame <= length; frame++) {
    const isIn = frame < length && holds(frame);
    if (isIn) first ??= frame;
    else if (first !== undefined) {
      runs.push({ first, last: frame - 1 });
      first = undefined;
    }
  }
  return runs;
};

/**
 * An event is a maximal run of anomalous frames of a clip; it is found when any of its frames reaches the threshold. A
 * false alert is a run of normal frames that do, runs closer than `mergeSeconds` counted once; the hours are those
 * of normal frames.
 *
 * @returns null without an event or without a normal frame
 */
export const eventRates = (
  clips: readonly ScoredClip[],
  { recall, framesPerSecond, mergeSeconds }: EventRateOptions,
): EventRates | null => {
  const peaks = clips
    .flatMap(({ scores, labels }) =>
      runsWhere(scores.length, (frame) => labels[frame] !== 0).map(({ first, last }) =>
        scores.subarray(first, last + 1).reduce((top, score) => Math.max(top, score), -Infinity),
      ),
    )
    .sort((a, b) => b - a);
  const normalFrames = clips.reduce(
    (sum, { labels }) => sum + labels.reduce((count, label) => count + (label === 0 ? 1 : 0), 0),
    0,
  );
  const wanted = Math.max(1, Math.ceil(recall * peaks.length - 1e-9));
  const threshold = peaks[wanted - 1];
  if (threshold === undefined || normalFrames === 0) return null;
  const mergeFrames = mergeSeconds * framesPerSecond;
  const falseAlerts = clips.reduce((sum, { scores, labels }) => {
    const runs = runsWhere(
      scores.length,
      (frame) => labels[frame] === 0 && scores[frame]! >= threshold,
    );
    const begun = runs.filter(
      ({ first }, index) => index === 0 || first - runs[index - 1]!.last > mergeFrames,
    );
    return sum + begun.length;
  }, 0);
  return {
    threshold,
    eventCount: peaks.length,
    recall: peaks.filter((peak) => peak >= threshold).length / peaks.length,
    falseAlertsPerHour: falseAlerts / (normalFrames / framesPerSecond / 3_600),
  };
};
