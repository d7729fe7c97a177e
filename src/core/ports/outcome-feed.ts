// Where a gateway learns how segments ended that other processes took and scored.
import type { OutcomeListener } from './frame-queue.ts';

export interface OutcomeFeed {
  /**
   * Tells outcomes, one after the other, until the signal aborts; then resolves. An outcome is forgotten only
   * after the listener has returned, so that a reader that dies is told again what it had not finished with:
   * each outcome at least once, and in one process exactly once.
   */
  run(listener: OutcomeListener, signal: AbortSignal): Promise<void>;
}
