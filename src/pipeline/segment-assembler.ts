// Collects one camera's frames into segments. Frames are written straight into the segment's memory; the one
// copy is a segment's last frame, which becomes the context of the next.
import { FRAME_BYTES, elapsedMs, type FrameStamp, type Segment } from '../core/frame.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameSink, FrameTime } from '../core/ports/frame-source.ts';
import { frameGapMs } from './frame-gap.ts';
import type { PixelPool } from './pixel-pool.ts';
import type { StaticGate } from './static-gate.ts';

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
  readonly clock: Clock;
  /** Which scene a frame belongs to; undefined = not watched now. */
  readonly sceneOf: (pixels: Uint8Array, nowMs: number) => SceneId | undefined;
  /** Which frames need no score; undefined = all do. */
  readonly gate?: StaticGate | undefined;
  /** Not of frames that the gate leaves out. */
  readonly onFrame: (pixels: Uint8Array, stamp: FrameStamp) => void;
  /** Frames of no scene are not watched: neither captured nor dropped. */
  readonly onCaptured: (count: number) => void;
  /** The gate left the frame out. It looks like the one before, which was shown and is scored. */
  readonly onUnchanged?: (time: FrameTime) => void;
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
  #hasContext = false;
  #memory: Uint8Array | undefined;
  #sceneId: SceneId | undefined;
  #stamps: FrameStamp[] = [];
  #nextSequence: number;
  #last: FrameStamp | undefined;
  #flushTimer: AbortController | undefined;

  constructor(options: SegmentAssemblerOptions) {
    this.#options = options;
    this.#nextSequence = options.firstSequence ?? 0;
    this.#frameCount = segmentFrameCount(options.maxLatencyMs, options.fps);
    this.#gapMs = frameGapMs(options.fps);
  }

  reserve(): Uint8Array {
    this.#memory ??= this.#options.pool.acquire((1 + this.#frameCount) * FRAME_BYTES);
    const start = (1 + this.#stamps.length) * FRAME_BYTES;
    return this.#memory.subarray(start, start + FRAME_BYTES);
  }

  commit(time: FrameTime): void {
    const pixels = this.reserve();
    const stamp = { ...time, sequence: this.#nextSequence };
    if (this.#last !== undefined && elapsedMs(this.#last, stamp) > this.#gapMs)
      this.#forgetContext(pixels);
    this.#last = stamp;
    const scene = this.#options.sceneOf(pixels, time.capturedAtMs);
    if (scene !== this.#sceneId) {
      this.#forgetContext(pixels);
      this.#sceneId = scene;
    }
    if (scene !== undefined && this.#options.gate?.passes(pixels, time.capturedAtMs) === false) {
      this.#options.onUnchanged?.(time);
      return;
    }
    const target = this.reserve();
    this.#options.onFrame(target, stamp);
    if (scene === undefined) return;
    this.#nextSequence += 1;
    this.#stamps.push(stamp);
    this.#options.onCaptured(1);
    if (this.#stamps.length === this.#frameCount) this.flush();
    else this.#flushInTime();
  }

  /** After a reconnect: the next segment has no frame before it. */
  reset(): void {
    this.flush();
    this.#hasContext = false;
    this.#options.gate?.reset();
  }

  /** Hands on what has been collected. */
  flush(): void {
    this.#flushTimer?.abort();
    this.#flushTimer = undefined;
    const { cameraId, runId, onSegment } = this.#options;
    const memory = this.#memory;
    const stamps = this.#stamps;
    const [first] = stamps;
    if (memory === undefined || first === undefined || this.#sceneId === undefined) return;
    const end = (1 + stamps.length) * FRAME_BYTES;
    if (this.#hasContext) memory.set(this.#context);
    const hasContext = this.#hasContext;
    this.#context.set(memory.subarray(end - FRAME_BYTES, end));
    this.#hasContext = true;
    this.#memory = undefined;
    this.#stamps = [];
    onSegment({
      id: `${cameraId}-${runId}-${first.sequence}`,
      cameraId,
      sceneId: this.#sceneId,
      stamps,
      hasContext,
      pixels: memory.subarray(hasContext ? 0 : FRAME_BYTES, end),
    });
  }

  /** A segment ends here; the frame just received (not yet counted) starts the next. */
  #forgetContext(pixels: Uint8Array): void {
    if (this.#stamps.length > 0) {
      const memory = this.#options.pool.acquire((1 + this.#frameCount) * FRAME_BYTES);
      memory.set(pixels, FRAME_BYTES);
      this.flush();
      this.#memory = memory;
    }
    this.#hasContext = false;
    this.#options.gate?.reset();
  }

  /** A stream that stops must not keep its last frames waiting. */
  #flushInTime(): void {
    if (this.#flushTimer !== undefined) return;
    const timer = new AbortController();
    this.#flushTimer = timer;
    this.#options.clock.sleep(this.#options.maxLatencyMs / 2, timer.signal).then(
      () => {
        if (this.#flushTimer === timer) this.flush();
      },
      () => undefined, // flushed before
    );
  }
}
