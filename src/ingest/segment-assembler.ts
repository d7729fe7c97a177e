// Collects one camera's frames into segments. Frames are written straight into the segment's memory; the one
// copies are a segment's last frame, which becomes the context of the next, and the slow picture, once a second.
// Invariant: memory in which a frame is being written (reserved, not yet committed) is never handed on: what falls due
// meanwhile, by time or by a reset, is done when the frame is there.
import { FRAME_BYTES, elapsedMs, type FrameStamp, type Segment } from '../core/frame.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameSink, FrameTime } from '../core/ports/frame-source.ts';
import { frameGapMs } from '../core/frame-gap.ts';
import type { LeftOutReason } from '../core/ports/frame-tap.ts';
import type { FrameTaps } from './frame-taps.ts';
import type { MedianOfSeven } from '../motion/median-kernel.ts';
import { SlowPictures } from '../stay/slow-pictures.ts';
import type { PixelPool } from './pixel-pool.ts';

/** More frames a segment would only add latency. */
const MAX_SEGMENT_FRAMES = 16;

export interface SegmentAssemblerOptions {
  readonly cameraId: CameraId;
  /** Distinguishes runs of the daemon in segment ids. */
  readonly runId: string;
  /** Sequence of the run's first frame; above every one of earlier runs where those are remembered. */
  readonly firstSequence?: number;
  readonly fps: number;
  /** Half of it may be spent waiting for a segment to fill. */
  readonly maxLatencyMs: number;
  readonly pool: PixelPool;
  /** Makes slow pictures; undefined where nobody asks what stays. */
  readonly median?: MedianOfSeven | undefined;
  readonly clock: Clock;
  /** Which scene a frame belongs to; undefined = not watched now. */
  readonly sceneOf: (pixels: Uint8Array, nowMs: number) => SceneId | undefined;
  /** Who sees each frame first, and may leave it out. */
  readonly taps: Pick<FrameTaps, 'see' | 'reset'>;
  /** Every frame that came, whatever becomes of it. */
  readonly onFrame: (time: FrameTime) => void;
  /** Frames of no scene are not watched: neither captured nor dropped. */
  readonly onCaptured: (count: number) => void;
  /**
   * A frame of a watched scene is not handed on: `unchanged`, it looks like the one before, which was shown and is
   * scored; `damaged`, it can't be used.
   */
  readonly onLeftOut?: (reason: LeftOutReason) => void;
  readonly onSegment: (segment: Segment) => void;
}

/** K of the segment: as many frames as arrive in half the allowed latency. */
export const segmentFrameCount = (maxLatencyMs: number, fps: number): number =>
  Math.min(MAX_SEGMENT_FRAMES, Math.max(1, Math.floor((maxLatencyMs / 2_000) * fps)));

export class SegmentAssembler implements FrameSink {
  readonly #options: SegmentAssemblerOptions;
  readonly #frameCount: number;
  readonly #context = new Uint8Array(FRAME_BYTES);
  readonly #gapMs: number;
  readonly #slowPictures: SlowPictures | undefined;
  #hasContext = false;
  #memory: Uint8Array | undefined;
  /** The slow picture lies at the end of the segment's memory. */
  #hasSlow = false;
  #sceneId: SceneId | undefined;
  #stamps: FrameStamp[] = [];
  #nextSequence: number;
  #last: FrameStamp | undefined;
  #flushTimer: AbortController | undefined;
  /** A frame is being written into the segment's memory. */
  #isFilling = false;
  #isFlushDue = false;
  /** The next frame does not follow the one before it. */
  #isBreakDue = false;

  constructor(options: SegmentAssemblerOptions) {
    this.#options = options;
    this.#nextSequence = options.firstSequence ?? 0;
    this.#frameCount = segmentFrameCount(options.maxLatencyMs, options.fps);
    this.#gapMs = frameGapMs(options.fps);
    const { fps, median } = options;
    if (median !== undefined) this.#slowPictures = new SlowPictures({ fps, median });
  }

  reserve(): Uint8Array {
    this.#isFilling = true;
    return this.#place();
  }

  #place(): Uint8Array {
    this.#memory ??= this.#acquire();
    const start = (1 + this.#stamps.length) * FRAME_BYTES;
    return this.#memory.subarray(start, start + FRAME_BYTES);
  }

  commit(time: FrameTime): void {
    const pixels = this.#place();
    this.#isFilling = false;
    const stamp = { ...time, sequence: this.#nextSequence };
    const isGap = this.#last !== undefined && elapsedMs(this.#last, stamp) > this.#gapMs;
    if (isGap || this.#isBreakDue) this.#forgetContext(pixels);
    if (isGap) this.#slowPictures?.reset();
    this.#last = stamp;
    const scene = this.#options.sceneOf(pixels, time.capturedAtMs);
    if (scene !== this.#sceneId) {
      this.#forgetContext(pixels);
      this.#slowPictures?.reset();
      this.#sceneId = scene;
    }
    this.#options.onFrame(time);
    const { cameraId, taps } = this.#options;
    const reason = taps.see({ cameraId, sceneId: scene, pixels: this.#place(), stamp });
    const isWatched = scene !== undefined && reason !== 'damaged';
    if (isWatched) this.#addSlow(time);
    if (reason !== undefined) {
      this.#options.onLeftOut?.(reason);
      if (this.#isFlushDue) this.flush();
      return;
    }
    if (scene === undefined) return;
    this.#nextSequence += 1;
    this.#stamps.push(stamp);
    this.#options.onCaptured(1);
    if (this.#stamps.length === this.#frameCount || this.#isFlushDue) this.flush();
    else this.#flushInTime();
  }

  /** Its pixels are given up; nothing is told from a comparison across it. */
  leaveOut(time: FrameTime, reason: LeftOutReason): void {
    this.#isFilling = false;
    this.#isBreakDue = true;
    // Before the first frame nobody knows the scene; later, no scene means not watched.
    if (this.#last !== undefined && this.#sceneId === undefined) return;
    this.#options.onFrame(time);
    this.#options.onLeftOut?.(reason);
    if (this.#isFlushDue) this.flush();
  }

  /** After a reconnect: the next frame has no frame before it. It may be there already, not yet committed. */
  reset(): void {
    this.#isBreakDue = true;
    this.#slowPictures?.reset();
    if (!this.#isFilling) this.flush();
  }

  /** Hands on what has been collected. Only while nobody writes: a frame begun and not committed is given up. */
  flush(): void {
    this.#flushTimer?.abort();
    this.#flushTimer = undefined;
    this.#isFlushDue = false;
    this.#isFilling = false;
    const { cameraId, runId, onSegment } = this.#options;
    const memory = this.#memory;
    const stamps = this.#stamps;
    const [first] = stamps;
    if (memory === undefined || first === undefined || this.#sceneId === undefined) return;
    const end = (1 + stamps.length) * FRAME_BYTES;
    if (this.#hasContext) memory.set(this.#context);
    const hasContext = this.#hasContext;
    const hasSlow = this.#hasSlow;
    this.#context.set(memory.subarray(end - FRAME_BYTES, end));
    this.#hasContext = true;
    if (hasSlow && stamps.length < this.#frameCount) memory.copyWithin(end, this.#slowStart);
    this.#memory = undefined;
    this.#hasSlow = false;
    this.#stamps = [];
    onSegment({
      id: `${cameraId}-${runId}-${first.sequence}`,
      cameraId,
      sceneId: this.#sceneId,
      stamps,
      hasContext,
      hasSlow,
      pixels: memory.subarray(hasContext ? 0 : FRAME_BYTES, hasSlow ? end + FRAME_BYTES : end),
    });
  }

  /** Context, frames, and a slow picture. */
  #acquire(): Uint8Array {
    const count = 1 + this.#frameCount + (this.#slowPictures === undefined ? 0 : 1);
    return this.#options.pool.acquire(count * FRAME_BYTES);
  }

  /** Where the slow picture waits in the segment's memory for its frames to be counted. */
  get #slowStart(): number {
    return (1 + this.#frameCount) * FRAME_BYTES;
  }

  /** The frame just received is one of the slow picture's. What is due goes out with the next segment. */
  #addSlow({ mediaTimeMs }: FrameTime): void {
    const slow = this.#slowPictures?.add(this.#place(), mediaTimeMs);
    if (slow === undefined) return;
    this.#memory?.set(slow, this.#slowStart);
    this.#hasSlow = true;
  }

  /** A segment ends here; the frame just received (not yet counted) starts the next. */
  #forgetContext(pixels: Uint8Array): void {
    if (this.#stamps.length > 0) {
      const memory = this.#acquire();
      memory.set(pixels, FRAME_BYTES);
      this.flush();
      this.#memory = memory;
    }
    this.#hasContext = false;
    this.#isBreakDue = false;
    this.#options.taps.reset();
  }

  /** A stream that stops must not keep its last frames waiting. */
  #flushInTime(): void {
    if (this.#flushTimer !== undefined) return;
    const timer = new AbortController();
    this.#flushTimer = timer;
    this.#options.clock.sleep(this.#options.maxLatencyMs / 2, timer.signal).then(
      () => {
        if (this.#flushTimer !== timer) return;
        if (this.#isFilling) this.#isFlushDue = true;
        else this.flush();
      },
      () => undefined, // flushed before
    );
  }
}
