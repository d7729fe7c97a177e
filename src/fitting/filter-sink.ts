// Lets through the frames that a test accepts; the others are overwritten by the next.
import type { FrameSink, FrameTime } from '../core/ports/frame-source.ts';

export interface FilterSinkOptions {
  readonly sink: FrameSink;
  readonly accepts: (pixels: Uint8Array, time: FrameTime) => boolean;
}

export class FilterSink implements FrameSink {
  readonly #options: FilterSinkOptions;

  constructor(options: FilterSinkOptions) {
    this.#options = options;
  }

  reserve(): Uint8Array {
    return this.#options.sink.reserve();
  }

  commit(time: FrameTime): void | Promise<void> {
    const { sink, accepts } = this.#options;
    if (accepts(sink.reserve(), time)) return sink.commit(time);
  }
}
