// Gives the frames of a live stream that comes in bursts (HLS: a segment of seconds at a time) back the pace at which
// they were taken: each is due as long after the one before it as their media times say. Keeps no frames; whoever
// delivers one waits until it is due, and with him ffmpeg.

export interface MediaPacerOptions {
  /** Media times further apart than this are no pace: the stream jumped. */
  readonly longestStepMs: number;
}

export class MediaPacer {
  readonly #longestStepMs: number;
  /** From media time to the monotonic clock. */
  #offsetMs = 0;
  #lastDueMs: number | undefined;

  constructor(options: MediaPacerOptions) {
    this.#longestStepMs = options.longestStepMs;
  }

  /**
   * When, by the monotonic clock, the frame that has arrived now is due. A frame that is late is due at once, and all
   * later ones by as much later: so the pace adapts itself once to the largest delay, and to a camera whose
   * clock is slower. One whose clock is faster runs into the end of the playlist's window, which is a jump.
   */
  dueMs(mediaTimeMs: number, nowMs: number): number {
    const dueMs = mediaTimeMs + this.#offsetMs;
    const isJump = this.#lastDueMs === undefined || dueMs - this.#lastDueMs > this.#longestStepMs;
    if (isJump || dueMs < nowMs) this.#offsetMs = nowMs - mediaTimeMs;
    this.#lastDueMs = mediaTimeMs + this.#offsetMs;
    return this.#lastDueMs;
  }
}
