// Remembers which frames were learnt, so that footage seen twice counts once: the same file learnt again, a recording
// that plays in a loop. Frames are told by their exact pixels, so a recording that was encoded anew is new footage.
import { createHash } from 'node:crypto';

import type { FrameMemoryState } from '../core/fit-state.ts';

/** Digests kept: at five frames a second those of nearly two hours one by one, of more a sample. */
const MOST_DIGESTS = 32_768;
const DIGEST_BYTES = 6;

export class FrameMemory {
  readonly #most: number;
  #digests: Set<number>;
  #every: number;
  #last: Buffer | undefined;
  #isRepeat = false;
  #repeatCount = 0;

  constructor(earlier: FrameMemoryState | undefined, most = MOST_DIGESTS) {
    this.#most = most;
    this.#digests = new Set(earlier?.digests);
    this.#every = earlier?.every ?? 1;
  }

  /** Frames found to be known. */
  get repeatCount(): number {
    return this.#repeatCount;
  }

  /**
   * Whether the frame was seen before, following the same frame as now. A picture that merely stands still was not:
   * it is as new as the frame before it.
   *
   * @param pixels in the order of the footage
   */
  isRepeat(pixels: Uint8Array): boolean {
    const digest = createHash('sha1').update(pixels).digest();
    const last = this.#last;
    this.#last = digest;
    if (last?.equals(digest) !== true) this.#step(last, digest);
    if (this.#isRepeat) this.#repeatCount += 1;
    return this.#isRepeat;
  }

  state(): FrameMemoryState {
    return { digests: Float64Array.from(this.#digests), every: this.#every };
  }

  #step(last: Buffer | undefined, digest: Buffer): void {
    const step = createHash('sha1')
      .update(last ?? '')
      .update(digest)
      .digest();
    const key = step.readUIntBE(0, DIGEST_BYTES);
    // Between two that are remembered, frames are what the first was.
    if (key % this.#every !== 0) return;
    this.#isRepeat = this.#digests.has(key);
    if (this.#isRepeat) return;
    this.#digests.add(key);
    while (this.#digests.size > this.#most) this.#thin();
  }

  #thin(): void {
    this.#every *= 2;
    this.#digests = new Set([...this.#digests].filter((key) => key % this.#every === 0));
  }
}
