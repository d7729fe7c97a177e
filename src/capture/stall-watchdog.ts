// Decides from the passing of time alone whether a source has stalled. Time in which the sink holds
// the source back does not count, nor does time in which nobody looked (the host was suspended or
// overloaded): otherwise every camera would be restarted on waking up.

export type StallVerdict = 'ok' | 'unwatched' | 'stalled' | 'expired';

export interface StallWatchdogOptions {
  /** Frames a second expected; `all` where unknown. */
  readonly fps: number | 'all';
  /** Without a frame for this long the source is given up. */
  readonly timeoutMs: number;
  /** `check` is called this often. */
  readonly checkIntervalMs: number;
  readonly startMs: number;
}

const SHORTEST_STALL_MS = 2000;

export class StallWatchdog {
  readonly #stallAfterMs: number;
  readonly #expireAfterMs: number;
  readonly #lateAfterMs: number;
  readonly #checkIntervalMs: number;
  #lastFrameMs: number;
  #lastCheckMs: number;
  #hasFrame = false;
  #heldSinceMs: number | undefined;

  constructor(options: StallWatchdogOptions) {
    const periodMs = options.fps === 'all' ? 0 : 1000 / options.fps;
    this.#stallAfterMs = Math.max(2 * periodMs, SHORTEST_STALL_MS);
    // A camera sampled once a minute must not expire between two frames.
    this.#expireAfterMs = Math.max(options.timeoutMs, 2 * periodMs + options.timeoutMs / 2);
    this.#checkIntervalMs = options.checkIntervalMs;
    this.#lateAfterMs = 3 * options.checkIntervalMs;
    this.#lastFrameMs = options.startMs;
    this.#lastCheckMs = options.startMs;
  }

  sawFrame(nowMs: number): void {
    this.#lastFrameMs = nowMs;
    this.#hasFrame = true;
  }

  /** The sink holds the source back from now on. */
  hold(nowMs: number): void {
    this.#heldSinceMs = nowMs;
  }

  release(nowMs: number): void {
    this.#heldSinceMs = undefined;
    this.#lastFrameMs = nowMs;
  }

  silentMs(nowMs: number): number {
    return nowMs - this.#lastFrameMs;
  }

  /**
   * `stalled`: no frame for max(2/fps, 2 s) after the first. `expired`: none for the time-out, the
   * first included. `unwatched`: this round came late and is skipped.
   */
  check(nowMs: number): StallVerdict {
    const sinceCheckMs = nowMs - this.#lastCheckMs;
    this.#lastCheckMs = nowMs;
    if (sinceCheckMs > this.#lateAfterMs) {
      this.#lastFrameMs = Math.min(nowMs, this.#lastFrameMs + sinceCheckMs - this.#checkIntervalMs);
      return 'unwatched';
    }
    if (this.#heldSinceMs !== undefined) return 'ok';
    const silentMs = this.silentMs(nowMs);
    if (silentMs >= this.#expireAfterMs) return 'expired';
    return this.#hasFrame && silentMs >= this.#stallAfterMs ? 'stalled' : 'ok';
  }
}
