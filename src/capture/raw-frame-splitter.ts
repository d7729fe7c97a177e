// Cuts the byte stream of ffmpeg's stdout into frames, straight into memory that the sink owns: the
// one copy a frame's pixels make. Chunks may end anywhere, and hold less than a frame or several.

export interface RawFrameSplitterOptions {
  readonly frameBytes: number;
  /** Memory for the next frame, `frameBytes` long; asked for once a frame. */
  readonly reserve: () => Uint8Array;
  /** The reserved memory is full. A returned promise holds the rest of the chunk back. */
  readonly onFrame: () => void | Promise<void>;
}

export class RawFrameSplitter {
  readonly #options: RawFrameSplitterOptions;
  #frame: Uint8Array | undefined;
  #filledBytes = 0;
  #isStopped = false;

  constructor(options: RawFrameSplitterOptions) {
    this.#options = options;
  }

  /** Bytes of a frame begun and not finished. */
  get partialBytes(): number {
    return this.#filledBytes;
  }

  /** Touches the sink's memory no more, not even with what was held back. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * The chunk may be reused once this returns, or once the returned promise resolves; no other chunk
   * may be pushed before.
   */
  push(chunk: Uint8Array): void | Promise<void> {
    const { frameBytes, reserve, onFrame } = this.#options;
    let offset = 0;
    while (offset < chunk.length && !this.#isStopped) {
      this.#frame ??= reserve();
      const taken = Math.min(frameBytes - this.#filledBytes, chunk.length - offset);
      const isWhole = offset === 0 && taken === chunk.length;
      this.#frame.set(isWhole ? chunk : chunk.subarray(offset, offset + taken), this.#filledBytes);
      this.#filledBytes += taken;
      offset += taken;
      if (this.#filledBytes < frameBytes) return;
      this.#frame = undefined;
      this.#filledBytes = 0;
      const held = onFrame();
      if (held !== undefined) {
        const rest = chunk.subarray(offset);
        return held.then(() => this.push(rest));
      }
    }
  }
}
