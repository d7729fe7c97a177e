// A sink for tests: keeps the times of all frames and a mark of their pixels, in one reused buffer.
import { FRAME_BYTES } from '../../../src/core/frame.ts';
import type { FrameSink, FrameTime } from '../../../src/core/ports/frame-source.ts';

export interface RecordingSinkOptions {
  /** Called after each frame; its promise holds the source back. */
  readonly onFrame?: (frameCount: number) => void | Promise<void>;
}

export class RecordingSink implements FrameSink {
  readonly times: FrameTime[] = [];
  /** Times of the damaged frames. */
  readonly leftOut: FrameTime[] = [];
  /** Mean of each frame's bytes. */
  readonly means: number[] = [];
  readonly #frame = new Uint8Array(FRAME_BYTES);
  readonly #onFrame: (frameCount: number) => void | Promise<void>;

  constructor(options: RecordingSinkOptions = {}) {
    this.#onFrame = options.onFrame ?? (() => undefined);
  }

  get mediaTimesMs(): number[] {
    return this.times.map((time) => time.mediaTimeMs);
  }

  reserve(): Uint8Array {
    return this.#frame;
  }

  commit(time: FrameTime): void | Promise<void> {
    this.times.push(time);
    this.means.push(this.#frame.reduce((sum, value) => sum + value, 0) / FRAME_BYTES);
    return this.#onFrame(this.times.length);
  }

  leaveOut(time: FrameTime): void {
    this.leftOut.push(time);
  }
}
