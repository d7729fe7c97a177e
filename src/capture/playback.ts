// One run of one ffmpeg child into a sink: pairs pixels with their times, keeps the watchdog, and says
// how it ended. Made anew for each run, so that nothing of a failed run is left in the next.
import { FRAME_BYTES } from '../core/frame.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameSink, FrameTime } from '../core/ports/frame-source.ts';
import { Damage } from './damage.ts';
import { largestLowres } from './decoding.ts';
import { FfmpegProcess, type ExitStatus } from './ffmpeg/ffmpeg-process.ts';
import { FrameMarks, type FrameMark } from './frame-marks.ts';
import { InputFactsReader, isSegmented, type InputFacts } from './input-facts.ts';
import { MediaPacer } from './media-pacer.ts';
import { RawFrameSplitter } from './raw-frame-splitter.ts';
import { StallWatchdog } from './stall-watchdog.ts';
import { StderrRing } from './ffmpeg/stderr-ring.ts';

const CHECK_INTERVAL_MS = 500;
const RING = { maxLines: 40, maxLineChars: 1000 } as const;

export interface PlaybackOptions {
  readonly path: string;
  readonly args: readonly string[];
  readonly stdinText?: string;
  readonly fps: number | 'all';
  readonly stallTimeoutMs: number;
  readonly killGraceMs: number;
  readonly clock: Clock;
  readonly secrets: readonly string[];
  readonly sink: FrameSink;
  /** Added to every media time. */
  readonly mediaTimeOffsetMs: number;
  readonly threadCount: number;
  /** What a stream over the network needs that a file does not. */
  readonly isStream: boolean;
  /** Pictures are far apart because few are decoded. */
  readonly isSparse: boolean;
  readonly onStall: (silentMs: number) => void;
  /** Before the first frame. */
  readonly onOpened: (facts: InputFacts) => void;
  /** The codec can't decode at the reduced size asked for, but at 1/2^largest. */
  readonly onLowresRefused: (largest: number) => void;
}

export interface PlaybackResult {
  readonly exit: ExitStatus;
  /** Pictures that came, damaged ones included. */
  readonly frameCount: number;
  /** Media time of the last frame, without the offset. */
  readonly lastMediaTimeMs: number;
  /** What was opened; undefined where nothing was. */
  readonly facts: InputFacts | undefined;
  /** Bytes of a frame that was cut off. */
  readonly truncatedBytes: number;
  /** Set when the watchdog ended the run. */
  readonly stalledForMs: number | undefined;
  /** Since the last picture, or since the stream was opened, when the child was gone. */
  readonly silentMs: number;
  /** The child's last words, redacted; those from before it was told to stop, where the watchdog did that. */
  readonly lines: readonly string[];
}

type Arrival = Required<Omit<FrameTime, 'mediaTimeMs'>>;

export class Playback {
  readonly #options: PlaybackOptions;
  readonly #marks: FrameMarks;
  readonly #damage: Damage | undefined;
  readonly #input = new InputFactsReader();
  readonly #ring: StderrRing;
  readonly #watchdog: StallWatchdog;
  readonly #splitter: RawFrameSplitter;
  readonly #stop = new AbortController();
  #facts: InputFacts | undefined;
  #pacer: MediaPacer | undefined;
  #frameCount = 0;
  #lastMediaTimeMs = 0;
  #stalledForMs: number | undefined;
  /** What a child says that is told to stop explains no silence. */
  #linesBeforeStop: readonly string[] | undefined;

  constructor(options: PlaybackOptions) {
    const { sink, fps, stallTimeoutMs, clock, secrets, isSparse, threadCount } = options;
    this.#options = options;
    this.#ring = new StderrRing({ ...RING, secrets });
    this.#damage = options.isStream ? new Damage({ threadCount }) : undefined;
    this.#marks = new FrameMarks({
      onLine: (line) => this.#readLine(line),
      judge: (frame) => this.#damage?.sawFrame(frame) ?? false,
    });
    this.#watchdog = new StallWatchdog({
      fps,
      timeoutMs: stallTimeoutMs,
      checkIntervalMs: CHECK_INTERVAL_MS,
      startMs: clock.monotonicMs(),
      isSparse,
    });
    this.#splitter = new RawFrameSplitter({
      frameBytes: FRAME_BYTES,
      reserve: () => sink.reserve(),
      onFrame: () => this.#pairWithMark(),
    });
  }

  /** Resolves when the child is gone; rejects when it can't be spawned, and with the sink's error. */
  async run(signal: AbortSignal): Promise<PlaybackResult> {
    const over = new AbortController();
    const onAbort = (): void => this.#stop.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const watched = this.#watch(over.signal, onAbort);
    try {
      const exit = await this.#process().run(this.#stop.signal);
      return {
        exit,
        frameCount: this.#frameCount,
        lastMediaTimeMs: this.#lastMediaTimeMs,
        facts: this.#facts,
        truncatedBytes: this.#splitter.partialBytes,
        stalledForMs: this.#stalledForMs,
        silentMs: this.#watchdog.silentMs(this.#options.clock.monotonicMs()),
        lines: this.#linesBeforeStop ?? this.#ring.lines(),
      };
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#splitter.stop();
      this.#stop.abort();
      over.abort();
      await watched;
    }
  }

  #process(): FfmpegProcess {
    return new FfmpegProcess({
      ...this.#options,
      onPixels: (chunk) => this.#splitter.push(chunk),
      onLog: (text) => this.#marks.push(text),
      onLogEnd: () => this.#marks.close(),
    });
  }

  #readLine(line: string): void {
    const { isStream, clock, fps, onOpened, onLowresRefused } = this.#options;
    this.#ring.push(`${line}\n`);
    this.#damage?.read(line);
    const largest = largestLowres(line);
    if (largest !== undefined) onLowresRefused(largest);
    const facts = this.#input.read(line);
    if (facts === undefined) return;
    this.#facts = facts;
    onOpened(facts);
    this.#damage?.opened();
    if (isStream) this.#watchdog.opened(clock.monotonicMs());
    if (isStream && facts.lengthMs === undefined && isSegmented(facts)) {
      this.#pacer = new MediaPacer({ longestStepMs: fps === 'all' ? 2_000 : 2_000 + 2_000 / fps });
    }
  }

  #pairWithMark(): void | Promise<void> {
    const { clock } = this.#options;
    const arrival = { capturedAtMs: clock.nowMs(), steadyMs: clock.monotonicMs() };
    const mark = this.#marks.take();
    return mark instanceof Promise
      ? mark.then((taken) => this.#deliver(arrival, taken))
      : this.#deliver(arrival, mark);
  }

  /** A frame that came in a burst waits until it is due. */
  #deliver(arrival: Arrival, mark: FrameMark): void | Promise<void> {
    const dueMs = this.#pacer?.dueMs(mark.timeMs, arrival.steadyMs) ?? arrival.steadyMs;
    const waitMs = dueMs - arrival.steadyMs;
    if (waitMs <= 0) return this.#commit(arrival, mark);
    const { clock } = this.#options;
    this.#watchdog.hold(clock.monotonicMs());
    return clock.sleep(waitMs, this.#stop.signal).then(
      () => {
        this.#watchdog.release(clock.monotonicMs());
        return this.#commit({ capturedAtMs: arrival.capturedAtMs + waitMs, steadyMs: dueMs }, mark);
      },
      () => undefined, // stopped
    );
  }

  #commit(arrival: Arrival, { timeMs, isDamaged }: FrameMark): void | Promise<void> {
    const { sink, clock, mediaTimeOffsetMs } = this.#options;
    this.#frameCount += 1;
    this.#lastMediaTimeMs = timeMs;
    this.#watchdog.sawFrame(clock.monotonicMs());
    const time = { ...arrival, mediaTimeMs: timeMs + mediaTimeOffsetMs };
    // Its place in the sink's memory is filled again by the next frame.
    if (isDamaged) return sink.leaveOut?.(time, 'damaged');
    const held = sink.commit(time);
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
        this.#linesBeforeStop = this.#ring.lines();
        onExpired();
        return;
      }
      if (verdict === 'unwatched') continue;
      if (verdict === 'stalled' && !isStalled) onStall(this.#watchdog.silentMs(nowMs));
      isStalled = verdict === 'stalled';
    }
  }
}
