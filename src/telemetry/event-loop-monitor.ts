// How long the event loop was blocked at worst: what sockets and timers suffer from.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;

export class EventLoopMonitor {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** Longest delay in seconds since the last call. */
  takeMaxSeconds(): number {
    const maxMs = this.#histogram.max / 1e6;
    this.#histogram.reset();
    // The monitor's own timer interval is part of what it measures.
    return Math.max(0, maxMs - RESOLUTION_MS) / 1_000;
  }
}
