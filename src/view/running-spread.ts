// Means and spreads of many measures over time, constant in memory (Welford), and as arrays that a file holds.
import { singleArray, type PartArray } from '../core/model-part.ts';

export class RunningSpread {
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  #count = 0;

  constructor(size: number) {
    this.#means = new Float64Array(size);
    this.#squares = new Float64Array(size);
  }

  get count(): number {
    return this.#count;
  }

  add(values: Float32Array): void {
    this.#count += 1;
    for (let at = 0; at < values.length; at++) {
      const difference = values[at]! - this.#means[at]!;
      const mean = this.#means[at]! + difference / this.#count;
      this.#means[at] = mean;
      this.#squares[at] = this.#squares[at]! + difference * (values[at]! - mean);
    }
  }

  /** (2, size): means, then standard deviations. */
  get state(): PartArray {
    const size = this.#means.length;
    const values = new Float32Array(2 * size);
    values.set(this.#means);
    for (let at = 0; at < size; at++) {
      values[size + at] = this.#count > 1 ? Math.sqrt(this.#squares[at]! / (this.#count - 1)) : 0;
    }
    return singleArray([2, size], values);
  }

  restore(values: Float32Array, count: number): void {
    const size = this.#means.length;
    if (values.length !== 2 * size) throw new RangeError('spreads of another size');
    this.#count = count;
    this.#means.set(values.subarray(0, size));
    for (let at = 0; at < size; at++) {
      this.#squares[at] = values[size + at]! ** 2 * Math.max(0, count - 1);
    }
  }
}
