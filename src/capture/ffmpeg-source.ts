// The FrameSource on ffmpeg: files, folders of frames, RTSP, HTTP and V4L2 devices. Finds out what
// the address names, plays it through one child at a time, and explains failures.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PatchwatchError, systemErrorCode } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameSink } from '../core/ports/frame-source.ts';
import type { Logger } from '../core/ports/logger.ts';
import { redactUrl, urlSecrets } from '../core/redact-url.ts';
import { DECODE_ALL, type Decoding } from './decoding.ts';
import { ffmpegArgs, type FfmpegInput, type RtspTransport } from './ffmpeg/ffmpeg-args.ts';
import type { FfmpegBinary } from './ffmpeg/ffmpeg-binary.ts';
import { concatList, listFrames } from './frame-folder.ts';
import { isPastEnd } from './input-facts.ts';
import { Playback, type PlaybackResult } from './playback.ts';
import { isTimeout, lastUsefulLine, sourceFailure } from './source-failure.ts';
import { isLive, isSnapshot, isTimedByArrival, sourceKind } from './source-kind.ts';
import { expireAfterMs } from './stall-watchdog.ts';
import type { WatchedSource } from './watched-source.ts';

export interface FfmpegSourceOptions {
  /** A path, `rtsp(s)://`, `http(s)://` or `/dev/video…`. May hold credentials. */
  readonly url: string;
  readonly ffmpeg: FfmpegBinary;
  /** Frames a second at most; `all` passes every frame of the source. */
  readonly fps: number | 'all';
  readonly clock: Clock;
  readonly logger: Logger;
  /** RTSP only; default tcp. */
  readonly transport?: RtspTransport;
  /** Plays recordings at their own pace instead of as fast as they decode; default false. */
  readonly realtime?: boolean;
  /** Starts recordings again at their end, for ever; media time goes on. Default false. */
  readonly loop?: boolean;
  /** Recordings only: the stream time to start at; default 0. */
  readonly startAtMs?: number;
  /** Rate at which a folder's frames were taken; default 10. */
  readonly folderFps?: number;
  /** Without a frame for this long the source has failed; default 20 s. */
  readonly stallTimeoutMs?: number;
  /** From TERM to KILL; default 5 s. */
  readonly killGraceMs?: number;
  /** Decoder threads; default 1, because cameras share the machine. */
  readonly threadCount?: number;
  /** Default: everything, in full. */
  readonly decoding?: Decoding;
}

const DEFAULT_FOLDER_FPS = 10;
const DEFAULT_STALL_TIMEOUT_MS = 20_000;
const DEFAULT_KILL_GRACE_MS = 5_000;

/**
 * Of the stall time-out: the watchdog judges silences (ffmpeg ends as if the stream had ended), but for those before
 * the first picture of an open stream, where only ffmpeg sees the packets.
 */
const IO_TIMEOUT_SHARE = 1.2;
/** Each snapshot costs a start of ffmpeg, and a request that cameras take their time for. */
const SHORTEST_POLL_MS = 1_000;

/** What one call of `play` is about. */
interface Playing {
  readonly sink: FrameSink;
  readonly onStall: (silentMs: number) => void;
  /** Wall clock of its start. */
  readonly arrivalStartMs: number;
  readonly mediaTimeOffsetMs: number;
}

interface ResolvedInput {
  readonly input: FfmpegInput;
  readonly stdinText?: string;
}

export class FfmpegSource implements WatchedSource {
  readonly #options: FfmpegSourceOptions;
  #truncatedFrameCount = 0;
  #isLowresRefused = false;
  /** Of an HTTP source: it has a length, so it is a recording. */
  #hasLength = false;

  constructor(options: FfmpegSourceOptions) {
    this.#options = options;
  }

  get description(): string {
    return redactUrl(this.#options.url, urlSecrets(this.#options.url));
  }

  get isEndless(): boolean {
    return this.#isLive || this.#options.loop === true;
  }

  /** Frames cut off by the end of the stream, which are dropped; over all plays. */
  get truncatedFrameCount(): number {
    return this.#truncatedFrameCount;
  }

  /** Media time starts near `startAtMs` with each play. */
  async play(
    sink: FrameSink,
    signal: AbortSignal,
    onStall: (silentMs: number) => void = () => undefined,
  ): Promise<void> {
    const { url, clock, startAtMs = 0 } = this.#options;
    const arrivalStartMs = clock.nowMs();
    let mediaTimeOffsetMs = startAtMs;
    const playOnce = async (): Promise<boolean> => {
      if (signal.aborted) return false;
      const openedMs = clock.monotonicMs();
      const playing = { sink, onStall, arrivalStartMs, mediaTimeOffsetMs };
      const result = await this.#playOnce(playing, signal);
      const { facts } = result;
      this.#hasLength = facts?.lengthMs !== undefined && !isPastEnd(facts, result.lastMediaTimeMs);
      this.#judge(result, signal);
      if (isSnapshot(url)) return this.#untilNextPoll(openedMs, signal);
      // The last frame lasts as long as the average one.
      const { lastMediaTimeMs, frameCount } = result;
      mediaTimeOffsetMs += lastMediaTimeMs + lastMediaTimeMs / Math.max(frameCount - 1, 1);
      return this.#options.loop === true && !this.#isLive;
    };
    while (await playOnce());
  }

  /** False for what is known to be a recording. */
  get #isLive(): boolean {
    const { url } = this.#options;
    return isLive(url) || (sourceKind(url) === 'http' && !this.#hasLength);
  }

  get #isStream(): boolean {
    return ['rtsp', 'http'].includes(sourceKind(this.#options.url));
  }

  get #ioTimeoutMs(): number {
    const { fps, stallTimeoutMs = DEFAULT_STALL_TIMEOUT_MS } = this.#options;
    return expireAfterMs(fps, stallTimeoutMs) * IO_TIMEOUT_SHARE;
  }

  /** True once the next snapshot is due. */
  async #untilNextPoll(openedMs: number, signal: AbortSignal): Promise<boolean> {
    const { fps, clock } = this.#options;
    const periodMs = Math.max(SHORTEST_POLL_MS, fps === 'all' ? 0 : 1_000 / fps);
    const waitMs = openedMs + periodMs - clock.monotonicMs();
    if (waitMs <= 0) return !signal.aborted;
    return clock.sleep(waitMs, signal).then(
      () => true,
      () => false,
    );
  }

  async #playOnce(playing: Playing, signal: AbortSignal): Promise<PlaybackResult> {
    const { url, ffmpeg, fps, clock, threadCount = 1, decoding = DECODE_ALL } = this.#options;
    const { stallTimeoutMs = DEFAULT_STALL_TIMEOUT_MS } = this.#options;
    const { input, stdinText } = await this.#resolve(playing.arrivalStartMs);
    const version = await ffmpeg.version();
    const playback = new Playback({
      ...playing,
      path: ffmpeg.path,
      args: ffmpegArgs({
        input,
        version,
        fps,
        threadCount,
        decoding,
        ioTimeoutMs: this.#ioTimeoutMs,
      }),
      ...(stdinText === undefined ? {} : { stdinText }),
      fps,
      stallTimeoutMs,
      killGraceMs: this.#options.killGraceMs ?? DEFAULT_KILL_GRACE_MS,
      clock,
      secrets: urlSecrets(url),
      threadCount,
      isStream: this.#isStream,
      isSparse: decoding.frames === 'key',
      onOpened: ({ lengthMs }) => {
        this.#hasLength = lengthMs !== undefined;
      },
      onLowresRefused: (largest) => {
        this.#tellLowresRefused(largest);
      },
    });
    return playback.run(signal);
  }

  /** Once, not at every loop and reconnect. */
  #tellLowresRefused(largest: number): void {
    if (this.#isLowresRefused) return;
    this.#isLowresRefused = true;
    this.#options.logger.warn('codec can’t decode at so low a resolution: it does what it can', {
      source: this.description,
      wanted: this.#options.decoding?.lowres,
      used: largest,
    });
  }

  /** Throws when the run did not do its work, unless it was told to stop. */
  #judge(result: PlaybackResult, signal: AbortSignal): void {
    if (signal.aborted) return;
    const { logger, stallTimeoutMs = DEFAULT_STALL_TIMEOUT_MS } = this.#options;
    const { exit, frameCount, truncatedBytes, stalledForMs, lines } = result;
    const line = lastUsefulLine(lines);
    if (truncatedBytes > 0) {
      this.#truncatedFrameCount += 1;
      logger.warn('dropped a truncated frame', { source: this.description, truncatedBytes });
    }
    const silentForMs = stalledForMs ?? this.#timedOutAfterMs(result, line);
    if (silentForMs !== undefined) {
      const after = frameCount === 0 ? 'no first frame' : 'no frame';
      const quote = line === undefined ? '' : ` (ffmpeg: ${line})`;
      throw new PatchwatchError(
        'SOURCE_STALLED',
        `${this.description} gave ${after} for ${Math.round(silentForMs / 1000)} s; check the ` +
          `camera and the network, or raise the stall time-out of ${stallTimeoutMs / 1000} s${quote}`,
      );
    }
    if (exit.code !== 0 || frameCount === 0) {
      const how = exit.signal === null ? `exit code ${exit.code ?? 0}` : exit.signal;
      const fallback =
        frameCount === 0 ? `ffmpeg found no frame in it (${how})` : `ffmpeg gave up (${how})`;
      throw sourceFailure(this.description, lines, fallback);
    }
    if (line !== undefined) {
      logger.warn('source ended with errors', { source: this.description, ffmpeg: line });
    }
  }

  /**
   * The silence after which ffmpeg gave up by itself, if that is how it ended: where only it sees the packets, its own
   * time-out is the first. It then ends as if the stream had ended, or had been no video.
   */
  #timedOutAfterMs(
    { frameCount, silentMs }: PlaybackResult,
    line: string | undefined,
  ): number | undefined {
    const isSaid = frameCount > 0 && line !== undefined && isTimeout(line);
    return this.#isStream && (isSaid || silentMs >= this.#ioTimeoutMs) ? silentMs : undefined;
  }

  async #resolve(arrivalStartMs: number): Promise<ResolvedInput> {
    const { url, transport = 'tcp', realtime: isPaced = false } = this.#options;
    switch (sourceKind(url)) {
      case 'rtsp':
        return { input: { kind: 'rtsp', url, transport } };
      case 'http':
        return {
          input: {
            kind: 'http',
            url,
            isPaced: isPaced && !isLive(url),
            ...(isTimedByArrival(url) ? { arrivalStartMs } : {}),
          },
        };
      case 'device':
        return { input: { kind: 'device', path: url } };
      case 'path':
        return this.#resolvePath(isPaced);
    }
  }

  async #resolvePath(isPaced: boolean): Promise<ResolvedInput> {
    const { url, folderFps: framesPerSecond = DEFAULT_FOLDER_FPS } = this.#options;
    const path = resolve(/^file:\/\//i.test(url) ? fileURLToPath(url) : url);
    const info = await stat(path).catch((cause: unknown) => {
      const isAbsent = ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(cause) ?? '');
      throw new PatchwatchError(
        isAbsent ? 'SOURCE_MISSING' : 'SOURCE_UNREADABLE',
        isAbsent
          ? `cannot play ${path}: there is no such file or folder; check the path`
          : `cannot play ${path}: ${String(cause)}; let the user of this process read it`,
        { cause },
      );
    });
    if (!info.isDirectory()) {
      const { startAtMs } = this.#options;
      return {
        input: { kind: 'file', path, isPaced, ...(startAtMs === undefined ? {} : { startAtMs }) },
      };
    }
    return {
      input: { kind: 'folder', framesPerSecond, isPaced },
      stdinText: concatList(
        await listFrames(path, (name, problem) => {
          this.#options.logger.warn('left out a file of the folder', {
            folder: path,
            name,
            problem,
          });
        }),
      ),
    };
  }
}
