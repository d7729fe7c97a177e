// Streaming mean and covariance of embeddings, in float64 and constant memory: batches arrive as float32
// sums about a fixed shift near the mean, so that no digits cancel. Two of them can be merged exactly.
import type { BatchMoments, CovarianceKind } from '../core/ports/engine.ts';

export interface StatisticsOptions {
  readonly kind: CovarianceKind;
  readonly patchCount: number;
  readonly dimensions: number;
  /** (patch, channel): all sums are about it. */
  readonly shift: Float32Array;
}

/** Numbers in the packed lower triangle of a d × d matrix. */
export const triangleSize = (dimensions: number): number => (dimensions * (dimensions + 1)) / 2;

export class EmbeddingStatistics {
  readonly kind: CovarianceKind;
  readonly patchCount: number;
  readonly dimensions: number;
  readonly #shift: Float32Array;
  /** (patch, channel): Σ (e − shift). */
  readonly #sum: Float64Array;
  /** own: (patch, packed lower triangle); shared: one packed triangle: Σ (e − shift)(e − shift)ᵀ. */
  readonly #product: Float64Array;
  #frameCount = 0;

  constructor(options: StatisticsOptions) {
    this.kind = options.kind;
    this.patchCount = options.patchCount;
    this.dimensions = options.dimensions;
    this.#shift = options.shift;
    this.#sum = new Float64Array(options.patchCount * options.dimensions);
    const matrices = options.kind === 'own' ? options.patchCount : 1;
    this.#product = new Float64Array(matrices * triangleSize(options.dimensions));
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  /** Moments of `frameCount` frames about this object's shift. */
  add(moments: BatchMoments, frameCount: number): void {
    const { sum, product } = moments;
    for (let index = 0; index < this.#sum.length; index++) this.#sum[index]! += sum[index]!;
    const d = this.dimensions;
    const rows = product.length / d;
    let to = 0;
    // Row r of the full matrices holds row r % d of one of them: its lower part is r % d + 1 numbers.
    for (let row = 0; row < rows; row++) {
      const from = row * d;
      const end = from + (row % d) + 1;
      for (let index = from; index < end; index++) this.#product[to++]! += product[index]!;
    }
    this.#frameCount += frameCount;
  }

  /** Adds what another object saw (Chan, Golub & LeVeque 1979, for different shifts). */
  merge(other: EmbeddingStatistics): void {
    const d = this.dimensions;
    const n = other.#frameCount;
    const delta = new Float64Array(d);
    const theirs = new Float64Array(d);
    for (let patch = 0; patch < this.patchCount; patch++) {
      const at = patch * d;
      for (let channel = 0; channel < d; channel++) {
        delta[channel] = other.#shift[at + channel]! - this.#shift[at + channel]!;
        theirs[channel] = other.#sum[at + channel]!;
        this.#sum[at + channel]! += theirs[channel]! + n * delta[channel]!;
      }
      let to = this.kind === 'own' ? patch * triangleSize(d) : 0;
      for (let i = 0; i < d; i++) {
        for (let j = 0; j <= i; j++) {
          this.#product[to++]! +=
            theirs[i]! * delta[j]! + delta[i]! * theirs[j]! + n * delta[i]! * delta[j]!;
        }
      }
    }
    for (let index = 0; index < this.#product.length; index++) {
      this.#product[index]! += other.#product[index]!;
    }
    this.#frameCount += n;
  }

  /** Writes the mean embedding of a patch. */
  meanInto(patch: number, mean: Float64Array): void {
    const at = patch * this.dimensions;
    for (let channel = 0; channel < this.dimensions; channel++) {
      mean[channel] = this.#shift[at + channel]! + this.#sum[at + channel]! / this.#frameCount;
    }
  }

  /**
   * Writes the lower triangle of a (d, d) covariance with 1/(N − 1) (PaDiM, eq. 1): the patch's own, or,
   * when shared, that of all residuals about each position's mean.
   */
  covarianceInto(patch: number, covariance: Float64Array): void {
    const d = this.dimensions;
    const n = this.#frameCount;
    const patches = this.kind === 'own' ? 1 : this.patchCount;
    const first = this.kind === 'own' ? patch : 0;
    let from = this.kind === 'own' ? patch * triangleSize(d) : 0;
    const scale = 1 / (patches * (n - 1));
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) {
        let offset = 0;
        for (let at = first * d; at < (first + patches) * d; at += d) {
          offset += this.#sum[at + i]! * this.#sum[at + j]!;
        }
        covariance[i * d + j] = (this.#product[from++]! - offset / n) * scale;
      }
    }
  }
}
