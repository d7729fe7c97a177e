// Memory for segments, reused: a steady stream of frames allocates nothing. What is lent is bounded by the
// queue's bounds, so the pool only has to bound what it keeps.

export class PixelPool {
  readonly #maxKept: number;
  readonly #free = new Map<number, Uint8Array[]>();

  constructor(maxKept: number) {
    this.#maxKept = maxKept;
  }

  acquire(byteLength: number): Uint8Array {
    return this.#free.get(byteLength)?.pop() ?? new Uint8Array(byteLength);
  }

  /** The memory must not be used after. */
  release(memory: Uint8Array): void {
    const whole = new Uint8Array(memory.buffer);
    const kept = this.#free.get(whole.byteLength) ?? [];
    if (kept.length < this.#maxKept) kept.push(whole);
    this.#free.set(whole.byteLength, kept);
  }
}
