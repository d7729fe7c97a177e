// Decides from the passing of time alone whether a source has stalled. Time in which the sink holds
// the source back does not count, nor does time in which nobody looked (the host was suspended or
// overloaded): otherwise every camera would be restarted on waking up. What is a silence is measured by
// the camera's own pace: one that gives a frame each five seconds has not stalled after two.

export type StallVerdict = 'ok' | 'unwatched' | 'stalled' | 'expired';

export interface StallWatchdogOptions {
  /** Frames a second expected; `all` where unknown. */
  readonly fps: number | 'all';
  /** Without a frame for this long the source is given up. */
  readonly timeoutMs: number;
  /** `check` is called this often. */
  readonly checkIntervalMs: number;
  readonly startMs: number;
  /**
   * Only key frames are decoded, or the like: pictures may be `LONGEST_KEY_INTERVAL_MS` apart although the
   * stream flows, which somebody else watches over.
   */
  readonly isSparse?: boolean;
}

const SHORTEST_STALL_MS = 2_000;
/** Cameras with smart codecs send a key frame each minute at least. */
export const LONGEST_KEY_INTERVAL_MS = 90_000;
/** A silence this many times the longest of the latest intervals is a stall. */
const STALL_INTERVALS = 2.5;
const REMEMBERED_INTERVALS = 8;

/** A camera sampled once a minute must not expire between two frames. */
export const expireAfterMs = (fps: number | 'all', timeoutMs: number): number =>
  fps === 'all' ? timeoutMs : Math.max(timeoutMs, 2_000 / fps + timeoutMs / 2);

export class StallWatchdog {
  readonly #stallAfterMs: number;
  readonly #expireAfterMs: number;
  readonly #isSparse: boolean;
  readonly #lateAfterMs: number;
  readonly #checkIntervalMs: number;
  /** Of the latest frames, oldest overwritten. */
  readonly #intervalsMs = new Float64Array(REMEMBERED_INTERVALS);
  #intervalCount = 0;
  #isOpen = false;
  #lastFrameMs: number;
  #lastCheckMs: number;
  #hasFrame = false;
  #heldSinceMs: number | undefined;

  constructor(options: StallWatchdogOptions) {
    const periodMs = options.fps === 'all' ? 0 : 1000 / options.fps;
    this.#stallAfterMs = Math.max(2 * periodMs, SHORTEST_STALL_MS);
    this.#expireAfterMs = expireAfterMs(options.fps, options.timeoutMs);
    this.#isSparse = options.isSparse ?? false;
    this.#checkIntervalMs = options.checkIntervalMs;
    this.#lateAfterMs = 3 * options.checkIntervalMs;
    this.#lastFrameMs = options.startMs;
    this.#lastCheckMs = options.startMs;
  }

  /**
   * The stream is open and its packets are watched over by their reader; a decoder gives no picture until a key frame
   * comes. Until the first picture this waits as long as key frames may be apart.
   */
  opened(nowMs: number): void {
    if (this.#hasFrame) return;
    this.#isOpen = true;
    this.#lastFrameMs = nowMs;
  }

  sawFrame(nowMs: number): void {
    if (this.#hasFrame) {
      this.#intervalsMs[this.#intervalCount % REMEMBERED_INTERVALS] = nowMs - this.#lastFrameMs;
      this.#intervalCount += 1;
    }
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
   * `stalled`: no frame for max(2/fps, 2 s), or for longer where the camera's own frames are further apart; half the
   * time-out as long as it has given one only. `expired`: none for the time-out, the first
   * included. `unwatched`: this round came late and is skipped.
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
    if (silentMs >= this.#patienceMs()) return 'expired';
    return this.#hasFrame && silentMs >= this.#silenceMs() ? 'stalled' : 'ok';
  }

  #silenceMs(): number {
    const usualMs =
      this.#intervalCount === 0
        ? this.#patienceMs() / 2
        : STALL_INTERVALS * Math.max(...this.#intervalsMs);
    return Math.max(this.#stallAfterMs, usualMs);
  }

  #patienceMs(): number {
    const isSparse = this.#isSparse || (this.#isOpen && !this.#hasFrame);
    return isSparse ? Math.max(this.#expireAfterMs, LONGEST_KEY_INTERVAL_MS) : this.#expireAfterMs;
  }
}
