// Gathers the frames of several batches: moments of each position's own covariance cost nearly as much for 16 frames
// as for 64 (a matrix a position is written either way).
import type { Embedding } from '../core/ports/engine.ts';

export class EmbeddingBuffer {
  readonly #capacity: number;
  /** (patch, frame, channel), `capacity` frames a patch. */
  #values = new Float32Array(0);
  #shape = { patchCount: 0, dimensions: 0 };
  #held = 0;

  /** @param capacity frames */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isFull(): boolean {
    return this.#held === this.#capacity;
  }

  get isEmpty(): boolean {
    return this.#held === 0;
  }

  /** Copies frames from `first` on, as many as there is room for, and says how many. */
  take({ patchCount, frameCount, dimensions: d, values }: Embedding, first: number): number {
    const length = patchCount * this.#capacity * d;
    if (this.#values.length !== length) this.#values = new Float32Array(length);
    this.#shape = { patchCount, dimensions: d };
    const count = Math.min(frameCount - first, this.#capacity - this.#held);
    for (let patch = 0; patch < patchCount; patch++) {
      const from = (patch * frameCount + first) * d;
      const to = (patch * this.#capacity + this.#held) * d;
      this.#values.set(values.subarray(from, from + count * d), to);
    }
    this.#held += count;
    return count;
  }

  /** Gives its memory back; the next `take` takes it anew. */
  release(): void {
    this.#values = new Float32Array(0);
  }

  /** What it holds, valid until the next `take`; it is empty afterwards. */
  drain(): Embedding {
    const { patchCount, dimensions: d } = this.#shape;
    const frameCount = this.#held;
    if (!this.isFull) {
      for (let patch = 1; patch < patchCount; patch++) {
        const from = patch * this.#capacity * d;
        this.#values.copyWithin(patch * frameCount * d, from, from + frameCount * d);
      }
    }
    this.#held = 0;
    const values = this.#values.subarray(0, patchCount * frameCount * d);
    return { patchCount, frameCount, dimensions: d, values };
  }
}
