// How far apart each cue's distances lie in normal footage: mean and deviation over all cells, in one pass.
import type { CueScale } from '../core/scene-gaussians.ts';

/** Distances are in units of the Gaussian's own deviation: footage in which they hardly differ shows too little. */
const SMALLEST_DEVIATION = 0.3;

class RunningScale {
  #count = 0;
  #mean = 0;
  #squares = 0;

  /** Welford 1962. */
  add(values: Float32Array): void {
    for (const value of values) {
      this.#count += 1;
      const before = value - this.#mean;
      this.#mean += before / this.#count;
      this.#squares += before * (value - this.#mean);
    }
  }

  finish(): CueScale {
    const deviation = Math.sqrt(this.#squares / Math.max(1, this.#count));
    return { mean: this.#mean, deviation: Math.max(SMALLEST_DEVIATION, deviation) };
  }
}

export class CueScales {
  readonly #appearance = new RunningScale();
  readonly #motion = new RunningScale();

  add([appearance, motion]: readonly [Float32Array, Float32Array | undefined]): void {
    this.#appearance.add(appearance);
    if (motion !== undefined) this.#motion.add(motion);
  }

  finish(): readonly [CueScale, CueScale] {
    return [this.#appearance.finish(), this.#motion.finish()];
  }
}
