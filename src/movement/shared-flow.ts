// Lets several learners of one batch of frames have its motion estimated once: what was estimated of consecutive frames
// is kept until other frames are, and answers for any run of them.
import { FRAME_BYTES } from '../core/frame.ts';
import type { MotionEstimator } from '../core/ports/motion-estimator.ts';

export class SharedFlow implements MotionEstimator {
  readonly #motion: MotionEstimator;
  /** Where the frames that are kept lie in memory: the first is context. */
  #buffer: ArrayBufferLike | undefined;
  #from = 0;
  #frameCount = 0;
  #values = new Float32Array(0);
  #flow = new Float32Array(0);

  constructor(motion: MotionEstimator) {
    this.#motion = motion;
  }

  get grid(): number {
    return this.#motion.grid;
  }

  get channelCount(): number {
    return this.#motion.channelCount;
  }

  /**
   * Estimates and keeps the motion of a batch. Its memory must not be written before `forget`.
   *
   * @param flow receives (frame, cell, component)
   */
  async share(pixels: Uint8Array, frameCount: number, flow: Float32Array): Promise<void> {
    this.forget();
    const [valueCount, flowCount] = this.#lengths(frameCount);
    if (this.#values.length < valueCount) {
      this.#values = new Float32Array(valueCount);
      this.#flow = new Float32Array(flowCount);
    }
    await this.#motion.estimate(pixels, frameCount, this.#values, this.#flow);
    flow.set(this.#flow.subarray(0, flowCount));
    this.#buffer = pixels.buffer;
    this.#from = pixels.byteOffset;
    this.#frameCount = frameCount;
  }

  /** The frames that are kept are none any more. */
  forget(): void {
    this.#buffer = undefined;
  }

  async estimate(
    pixels: Uint8Array,
    frameCount: number,
    out: Float32Array,
    flow?: Float32Array,
  ): Promise<void> {
    const first = (pixels.byteOffset - this.#from) / FRAME_BYTES;
    const isKept =
      pixels.buffer === this.#buffer &&
      Number.isInteger(first) &&
      first >= 0 &&
      first + frameCount <= this.#frameCount;
    if (!isKept) {
      await this.#motion.estimate(pixels, frameCount, out, flow);
      return;
    }
    const [valuesFrom, flowFrom] = this.#lengths(first);
    const [valuesEnd, flowEnd] = this.#lengths(first + frameCount);
    out.set(this.#values.subarray(valuesFrom, valuesEnd));
    flow?.set(this.#flow.subarray(flowFrom, flowEnd));
  }

  /** Of so many frames. */
  #lengths(frameCount: number): readonly [number, number] {
    const cells = frameCount * this.grid * this.grid;
    return [cells * this.channelCount, cells * 2];
  }
}
