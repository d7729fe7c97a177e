// Finds out at start how many frames an engine should be given at once. A processor gains nothing from batches, a GPU
// much; which one it is, and where it levels off, is measured rather than configured.
import { UNMEASURED_POLICY, type BatchPolicy } from '../core/batch-policy.ts';

export interface Calibration extends BatchPolicy {
  /** Frames a second that the backbone embeds at best; undefined when it was not measured. */
  readonly framesPerSecond?: number | undefined;
}

export interface BatchTiming {
  readonly frames: number;
  readonly seconds: number;
}

const SIZES = [1, 2, 4, 8, 16, 32, 64] as const;
/** As good as the best. */
const LEVEL = 1.05;
/** Less is noise, or not worth any frame's time. */
const WORTHWHILE_GAIN = 1.5;
/** Sizes in a row that were no better end the search. */
const PATIENCE = 2;

const secondsAFrame = ({ frames, seconds }: BatchTiming): number => seconds / frames;

export interface TimingOptions {
  readonly budgetMs: number;
  readonly nowMs: () => number;
}

/**
 * Times growing batches until they gain nothing more, then the same again and again until the budget is spent: of each
 * size the best time counts, for a machine that starts is a busy one. The first batch of a size is not counted:
 * engines allocate and tune themselves then.
 */
export const timeBatches = async (
  run: (frames: number) => Promise<void>,
  { budgetMs, nowMs }: TimingOptions,
): Promise<readonly BatchTiming[]> => {
  const endMs = nowMs() + budgetMs;
  const timed = async (frames: number): Promise<BatchTiming> => {
    const fromMs = nowMs();
    await run(frames);
    return { frames, seconds: (nowMs() - fromMs) / 1_000 };
  };
  const timings: BatchTiming[] = [];
  let best = Infinity;
  let failures = 0;
  for (const frames of SIZES) {
    await run(frames);
    const timing = await timed(frames);
    timings.push(timing);
    failures = secondsAFrame(timing) * LEVEL < best ? 0 : failures + 1;
    best = Math.min(best, secondsAFrame(timing));
    if (failures === PATIENCE || nowMs() >= endMs) break;
  }
  while (nowMs() < endMs) {
    for (const [index, { frames, seconds }] of timings.entries()) {
      const again = await timed(frames);
      if (again.seconds < seconds) timings[index] = again;
    }
  }
  return timings;
};

/** The smallest batch that is as good as any; the wait is at most what a full batch saves over single frames. */
export const chooseBatches = (timings: readonly BatchTiming[]): Calibration => {
  const [single] = timings;
  if (single === undefined) return { ...UNMEASURED_POLICY, framesPerSecond: undefined };
  const best = Math.min(...timings.map(secondsAFrame));
  const chosen = timings.find((timing) => secondsAFrame(timing) <= best * LEVEL) ?? single;
  const framesPerSecond = 1 / best;
  if (secondsAFrame(single) < WORTHWHILE_GAIN * secondsAFrame(chosen)) {
    return { ...UNMEASURED_POLICY, framesPerSecond };
  }
  const savedSeconds = chosen.frames * secondsAFrame(single) - chosen.seconds;
  return { frames: chosen.frames, waitMs: Math.round(1_000 * savedSeconds), framesPerSecond };
};
