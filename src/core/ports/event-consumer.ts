// Somebody who tells events: clients, a log, metrics, later a store and other outlets.
import type { LoggedEvent } from '../event.ts';

export interface EventConsumer {
  /** A label of metrics, and the name of its cursor. */
  readonly name: string;
  /** Whether its cursor outlives the process: then it gets what came while it was away. Others begin at the present. */
  readonly isDurable: boolean;

  /**
   * Called with one page at a time, in order, and not again before the promise settles. A failure has the page told
   * again later; so whoever fails half-way is told some events twice.
   *
   * @param signal aborts when it takes too long, or the daemon stops
   */
  consume(entries: readonly LoggedEvent[], signal: AbortSignal): Promise<void> | void;
}
