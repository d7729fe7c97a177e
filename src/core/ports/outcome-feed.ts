// Where a gateway learns how segments ended that other processes took and scored.
import type { SegmentFacts, SegmentOutcome } from './frame-queue.ts';

/** `id` is the outcome's own: whoever has made safe what followed from it says so by it. */
export type ToldListener = (segment: SegmentFacts, outcome: SegmentOutcome, id: string) => void;

export interface OutcomeFeed {
  /**
   * Tells outcomes, one after the other, until the signal aborts; then resolves. An outcome is forgotten only when
   * it is acknowledged, so that a reader that dies is told again what it had not finished with: each outcome at
   * least once, and in one process exactly once.
   */
  run(listener: ToldListener, signal: AbortSignal): Promise<void>;
}
