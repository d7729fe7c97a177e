// One run of one ffmpeg child into a sink: pairs pixels with their times, keeps the watchdog, and says
// how it ended. Made anew for each run, so that nothing of a failed run is left in the next.
import { FRAME_BYTES } from '../core/frame.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameSink, FrameTime } from '../core/ports/frame-source.ts';
import { largestLowres } from './decoding.ts';
import { FfmpegProcess, type ExitStatus } from './ffmpeg-process.ts';
import { FrameTimes } from './frame-times.ts';
import { RawFrameSplitter } from './raw-frame-splitter.ts';
import { StallWatchdog } from './stall-watchdog.ts';
import { StderrRing } from './stderr-ring.ts';

const CHECK_INTERVAL_MS = 500;
const RING = { maxLines: 40, maxLineChars: 1000 } as const;

export interface PlaybackOptions {
  readonly path: string;
  readonly args: readonly string[];
  readonly stdinText?: string;
  readonly timesFrom: 'pipe' | 'stderr';
  readonly fps: number | 'all';
  readonly stallTimeoutMs: number;
  readonly killGraceMs: number;
  readonly clock: Clock;
  readonly secrets: readonly string[];
  readonly sink: FrameSink;
  /** Added to every media time. */
  readonly mediaTimeOffsetMs: number;
  readonly onStall: (silentMs: number) => void;
  /** The codec can't decode at the reduced size asked for, but at 1/2^largest. */
  readonly onLowresRefused: (largest: number) => void;
}

export interface PlaybackResult {
  readonly exit: ExitStatus;
  readonly frameCount: number;
  /** Media time of the last frame, without the offset. */
  readonly lastMediaTimeMs: number;
  /** Bytes of a frame that was cut off. */
  readonly truncatedBytes: number;
  /** Set when the watchdog ended the run. */
  readonly stalledForMs: number | undefined;
  /** The child's last words, redacted. */
  readonly lines: readonly string[];
}

type Arrival = Omit<FrameTime, 'mediaTimeMs'>;

export class Playback {
  readonly #options: PlaybackOptions;
  readonly #times = new FrameTimes();
  readonly #ring: StderrRing;
  readonly #watchdog: StallWatchdog;
  readonly #splitter: RawFrameSplitter;
  #frameCount = 0;
  #lastMediaTimeMs = 0;
  #stalledForMs: number | undefined;

  constructor(options: PlaybackOptions) {
    const { sink, fps, stallTimeoutMs, clock, secrets } = options;
    this.#options = options;
    this.#ring = new StderrRing({ ...RING, secrets });
    this.#watchdog = new StallWatchdog({
      fps,
      timeoutMs: stallTimeoutMs,
      checkIntervalMs: CHECK_INTERVAL_MS,
      startMs: clock.monotonicMs(),
    });
    this.#splitter = new RawFrameSplitter({
      frameBytes: FRAME_BYTES,
      reserve: () => sink.reserve(),
      onFrame: () => this.#pairWithTime(),
    });
  }

  /** Resolves when the child is gone; rejects when it can't be spawned, and with the sink's error. */
  async run(signal: AbortSignal): Promise<PlaybackResult> {
    const stop = new AbortController();
    const over = new AbortController();
    const onAbort = (): void => stop.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const watched = this.#watch(over.signal, onAbort);
    try {
      const exit = await this.#process().run(stop.signal);
      return {
        exit,
        frameCount: this.#frameCount,
        lastMediaTimeMs: this.#lastMediaTimeMs,
        truncatedBytes: this.#splitter.partialBytes,
        stalledForMs: this.#stalledForMs,
        lines: this.#ring.lines(),
      };
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#splitter.stop();
      over.abort();
      await watched;
    }
  }

  #process(): FfmpegProcess {
    const { timesFrom } = this.#options;
    return new FfmpegProcess({
      ...this.#options,
      onPixels: (chunk) => this.#splitter.push(chunk),
      onTimes: (text) => this.#times.push(text),
      onTimesEnd: () => {
        if (timesFrom === 'pipe') this.#times.close();
      },
      onLog: (text) => {
        if (timesFrom === 'stderr') this.#times.push(text);
        this.#ring.push(text);
        const largest = largestLowres(text);
        if (largest !== undefined) this.#options.onLowresRefused(largest);
      },
    });
  }

  #pairWithTime(): void | Promise<void> {
    const { clock } = this.#options;
    const arrival = { capturedAtMs: clock.nowMs(), steadyMs: clock.monotonicMs() };
    const timeMs = this.#times.take();
    return typeof timeMs === 'number'
      ? this.#commit(arrival, timeMs)
      : timeMs.then((time) => this.#commit(arrival, time));
  }

  #commit(arrival: Arrival, timeMs: number): void | Promise<void> {
    const { sink, clock, mediaTimeOffsetMs } = this.#options;
    this.#frameCount += 1;
    this.#lastMediaTimeMs = timeMs;
    this.#watchdog.sawFrame(clock.monotonicMs());
    const held = sink.commit({ ...arrival, mediaTimeMs: timeMs + mediaTimeOffsetMs });
    if (held === undefined) return;
    this.#watchdog.hold(clock.monotonicMs());
    return held.finally(() => this.#watchdog.release(clock.monotonicMs()));
  }

  /** Until the signal aborts or the source has expired; never rejects. */
  async #watch(signal: AbortSignal, onExpired: () => void): Promise<void> {
    const { clock, onStall } = this.#options;
    let isStalled = false;
    for (;;) {
      const isOver = await clock.sleep(CHECK_INTERVAL_MS, signal).then(
        () => false,
        () => true,
      );
      if (isOver) return;
      const nowMs = clock.monotonicMs();
      const verdict = this.#watchdog.check(nowMs);
      if (verdict === 'expired') {
        this.#stalledForMs = this.#watchdog.silentMs(nowMs);
        onExpired();
        return;
      }
      if (verdict === 'unwatched') continue;
      if (verdict === 'stalled' && !isStalled) onStall(this.#watchdog.silentMs(nowMs));
      isStalled = verdict === 'stalled';
    }
  }
}
