// Collects frames into one reused block of memory and hands them on a batch at a time, each with the frame before
// it, holding the source back meanwhile.
import { FRAME_BYTES } from '../core/frame.ts';
import type { FrameSink, FrameTime } from '../core/ports/frame-source.ts';

export interface FrameBatch {
  /** (context?, frames…) × FRAME_BYTES rgb24; valid until the handler's promise resolves. */
  readonly pixels: Uint8Array;
  /** False at the start and after a gap. */
  readonly hasContext: boolean;
  readonly times: readonly FrameTime[];
}

export type BatchHandler = (batch: FrameBatch) => Promise<void>;

export interface BatchSinkOptions {
  readonly batchFrames: number;
  /** Frames further apart than this do not follow each other. */
  readonly gapMs: number;
  readonly handle: BatchHandler;
}

export class BatchSink implements FrameSink {
  readonly #options: BatchSinkOptions;
  /** The frame before, then the batch, then room for one that belongs to the next. */
  readonly #memory: Uint8Array;
  #times: FrameTime[] = [];
  #lastTime: FrameTime | undefined;
  #hasContext = false;

  constructor(options: BatchSinkOptions) {
    this.#options = options;
    this.#memory = new Uint8Array((options.batchFrames + 2) * FRAME_BYTES);
  }

  reserve(): Uint8Array {
    return this.#frame(this.#times.length + 1);
  }

  commit(time: FrameTime): void | Promise<void> {
    const sinceLastMs = time.mediaTimeMs - (this.#lastTime?.mediaTimeMs ?? time.mediaTimeMs);
    if (sinceLastMs > this.#options.gapMs) return this.#startAnew(time);
    return this.#append(time);
  }

  #append(time: FrameTime): void | Promise<void> {
    this.#times.push(time);
    this.#lastTime = time;
    if (this.#times.length === this.#options.batchFrames) return this.flush();
  }

  /** After a gap: the frame just committed is the first of a new batch, without one before it. */
  async #startAnew(time: FrameTime): Promise<void> {
    const first = this.#times.length + 1;
    const end = (first + 1) * FRAME_BYTES;
    const isSecond = this.#times.length > 0;
    await this.flush();
    if (isSecond) this.#memory.copyWithin(FRAME_BYTES, first * FRAME_BYTES, end);
    this.#hasContext = false;
    await this.#append(time);
  }

  /** Hands on what is left of the last batch. */
  async flush(): Promise<void> {
    const times = this.#times;
    if (times.length === 0) return;
    const end = (times.length + 1) * FRAME_BYTES;
    await this.#options.handle({
      pixels: this.#memory.subarray(this.#hasContext ? 0 : FRAME_BYTES, end),
      hasContext: this.#hasContext,
      times,
    });
    this.#memory.copyWithin(0, end - FRAME_BYTES, end);
    this.#hasContext = true;
    this.#times = [];
  }

  #frame(index: number): Uint8Array {
    return this.#memory.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES);
  }
}
