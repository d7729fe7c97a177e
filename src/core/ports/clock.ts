// Time as a port, so that back-off, watchdogs and alerts are tested on a simulated clock.

export interface Clock {
  /** Wall clock, milliseconds since the epoch. May jump. */
  nowMs(): number;
  /** Monotonic milliseconds from an arbitrary start. Never jumps: use it for durations. */
  monotonicMs(): number;
  /** Resolves after the delay; rejects with the signal's reason when aborted first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
