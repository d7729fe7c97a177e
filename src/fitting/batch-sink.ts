// Collects frames into one reused block of memory and hands them on a batch at a time, holding the
// source back meanwhile.
import { FRAME_BYTES } from '../core/frame.ts';
import type { FrameSink, FrameTime } from '../core/ports/frame-source.ts';

export interface FrameBatch {
  /** frameCount × FRAME_BYTES rgb24; valid until the handler's promise resolves. */
  readonly pixels: Uint8Array;
  readonly times: readonly FrameTime[];
}

export type BatchHandler = (batch: FrameBatch) => Promise<void>;

export class BatchSink implements FrameSink {
  readonly #memory: Uint8Array;
  readonly #batchFrames: number;
  readonly #handle: BatchHandler;
  #times: FrameTime[] = [];

  constructor(batchFrames: number, handle: BatchHandler) {
    this.#memory = new Uint8Array(batchFrames * FRAME_BYTES);
    this.#batchFrames = batchFrames;
    this.#handle = handle;
  }

  reserve(): Uint8Array {
    const start = this.#times.length * FRAME_BYTES;
    return this.#memory.subarray(start, start + FRAME_BYTES);
  }

  commit(time: FrameTime): void | Promise<void> {
    this.#times.push(time);
    if (this.#times.length === this.#batchFrames) return this.flush();
  }

  /** Hands on what is left of the last batch. */
  async flush(): Promise<void> {
    const times = this.#times;
    if (times.length === 0) return;
    await this.#handle({ pixels: this.#memory.subarray(0, times.length * FRAME_BYTES), times });
    this.#times = [];
  }
}
