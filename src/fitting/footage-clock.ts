// How much footage a live stream has given, by the monotonic clock and without its breaks, and stream times that
// show a gap at every break, so that nothing is compared across one.
import type { Clock } from '../core/ports/clock.ts';
import type { FrameTime } from '../core/ports/frame-source.ts';

export interface FootageClockOptions {
  readonly clock: Clock;
  /** Frames further apart than this do not follow each other. */
  readonly gapMs: number;
}

export class FootageClock {
  readonly #options: FootageClockOptions;
  #endedMs = 0;
  #sinceMs: number | undefined;
  #lastFrameMs = 0;
  #offsetMs: number | undefined;
  #lastMediaMs: number | undefined;

  constructor(options: FootageClockOptions) {
    this.#options = options;
  }

  get footageMs(): number {
    return this.#endedMs + (this.#sinceMs === undefined ? 0 : this.#lastFrameMs - this.#sinceMs);
  }

  /** The time of a frame that came now, on one line with those before the break. */
  frame(time: FrameTime): FrameTime {
    this.#lastFrameMs = this.#options.clock.monotonicMs();
    this.#sinceMs ??= this.#lastFrameMs;
    this.#offsetMs ??=
      this.#lastMediaMs === undefined
        ? 0
        : this.#lastMediaMs + 2 * this.#options.gapMs - time.mediaTimeMs;
    const mediaTimeMs = time.mediaTimeMs + this.#offsetMs;
    // Set back, the stream's clock begins anew.
    if (this.#lastMediaMs !== undefined && mediaTimeMs < this.#lastMediaMs) {
      this.break();
      return this.frame(time);
    }
    this.#lastMediaMs = mediaTimeMs;
    return { ...time, mediaTimeMs };
  }

  /** The stream broke, or is silent. */
  break(): void {
    this.#endedMs = this.footageMs;
    this.#sinceMs = undefined;
    this.#offsetMs = undefined;
  }
}
