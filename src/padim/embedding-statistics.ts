// Streaming mean and covariance of embeddings, in float64 and constant memory: batches arrive as float32
// sums about a fixed shift near the mean, so that no digits cancel. Two of them can be merged exactly.
import type { StatisticsState } from '../core/fit-state.ts';
import type { BatchMoments, CovarianceKind } from '../core/ports/engine.ts';
import { addLowerTriangles, triangleSize } from './maths/packed-triangle.ts';

export interface StatisticsOptions {
  readonly kind: CovarianceKind;
  readonly patchCount: number;
  readonly dimensions: number;
  /** (patch, channel): all sums are about it. */
  readonly shift: Float32Array;
}

/** A value of the embedding: which patch, which channel. */
export interface EmbeddingPlace {
  readonly patch: number;
  readonly channel: number;
}

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

  /** @throws RangeError when the arrays do not have the lengths that the numbers ask for */
  static of(state: StatisticsState): EmbeddingStatistics {
    const statistics = new EmbeddingStatistics(state);
    const { length } = statistics.#sum;
    if (
      state.shift.length !== length ||
      state.sum.length !== length ||
      state.product.length !== statistics.#product.length
    ) {
      throw new RangeError('statistics whose arrays do not fit each other');
    }
    statistics.#sum.set(state.sum);
    statistics.#product.set(state.product);
    statistics.#frameCount = state.frameCount;
    return statistics;
  }

  /** A copy: what is added later does not change it. */
  state(): StatisticsState {
    const { kind, patchCount, dimensions, frameCount } = this;
    return {
      ...{ kind, patchCount, dimensions, frameCount },
      shift: this.#shift.slice(),
      sum: this.#sum.slice(),
      product: this.#product.slice(),
    };
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  /** Moments of `frameCount` frames about this object's shift. */
  add(moments: BatchMoments, frameCount: number): void {
    const sum = this.#sum;
    for (let index = 0; index < sum.length; index++) sum[index]! += moments.sum[index]!;
    addLowerTriangles(this.#product, moments.product, this.dimensions);
    this.#frameCount += frameCount;
  }

  /** Adds what another object saw, about whatever shift (Chan, Golub & LeVeque 1979). */
  merge(other: EmbeddingStatistics): void {
    const { kind, patchCount, dimensions: d } = this;
    if (other.kind !== kind || other.patchCount !== patchCount || other.dimensions !== d) {
      throw new RangeError('statistics of different embeddings cannot be merged');
    }
    const product = this.#product;
    const n = other.#frameCount;
    const delta = new Float64Array(d);
    const theirs = new Float64Array(d);
    for (let patch = 0; patch < patchCount; patch++) {
      const at = patch * d;
      for (let channel = 0; channel < d; channel++) {
        delta[channel] = other.#shift[at + channel]! - this.#shift[at + channel]!;
        theirs[channel] = other.#sum[at + channel]!;
        this.#sum[at + channel]! += theirs[channel]! + n * delta[channel]!;
      }
      // With e − shift = y + δ: Σ (y + δ)(y + δ)ᵀ = Σ y yᵀ + (Σ y) δᵀ + δ (Σ y)ᵀ + n δ δᵀ.
      let to = kind === 'own' ? patch * triangleSize(d) : 0;
      for (let i = 0; i < d; i++) {
        const deltaI = delta[i]!;
        const both = theirs[i]! + n * deltaI;
        for (let j = 0; j <= i; j++) product[to++]! += both * delta[j]! + deltaI * theirs[j]!;
      }
    }
    const added = other.#product;
    for (let index = 0; index < product.length; index++) product[index]! += added[index]!;
    this.#frameCount += n;
  }

  /** Of the first channels alone, as if there had been no others; of shared statistics. */
  leadingChannels(dimensions: number): EmbeddingStatistics {
    const { kind, patchCount, dimensions: all } = this;
    if (kind !== 'shared') throw new RangeError('only shared statistics can be cut to channels');
    const shift = new Float32Array(patchCount * dimensions);
    const leading = new EmbeddingStatistics({ kind, patchCount, dimensions, shift });
    for (let patch = 0; patch < patchCount; patch++) {
      const from = patch * all;
      shift.set(this.#shift.subarray(from, from + dimensions), patch * dimensions);
      leading.#sum.set(this.#sum.subarray(from, from + dimensions), patch * dimensions);
    }
    // Rows of a lower triangle lie one after the other: the first of them are a triangle too.
    leading.#product.set(this.#product.subarray(0, triangleSize(dimensions)));
    leading.#frameCount = this.#frameCount;
    return leading;
  }

  /** Where the first NaN or infinity among the embeddings was, if there was one. */
  firstNotFinite(): EmbeddingPlace | undefined {
    const index = this.#sum.findIndex((value) => !Number.isFinite(value));
    if (index < 0) return undefined;
    const channel = index % this.dimensions;
    return { patch: (index - channel) / this.dimensions, channel };
  }

  /** Variance about the position's mean, averaged over positions and channels. */
  meanVariance(): number {
    const d = this.dimensions;
    let squares = 0;
    let from = 0;
    while (from < this.#product.length) {
      for (let i = 0; i < d; i++) {
        squares += this.#product[from + i]!;
        from += i + 1;
      }
    }
    const offset = this.#sum.reduce((total, sum) => total + sum * sum, 0) / this.#frameCount;
    return (squares - offset) / (this.patchCount * d * (this.#frameCount - 1));
  }

  /** Variance of each channel about the position's mean, averaged over positions; of shared statistics. */
  channelVariances(): Float64Array {
    const d = this.dimensions;
    const covariance = new Float64Array(d * d);
    this.covarianceInto(0, covariance);
    return Float64Array.from({ length: d }, (_, channel) => covariance[channel * (d + 1)]!);
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
    const patches = this.kind === 'own' ? 1 : this.patchCount;
    const first = this.kind === 'own' ? patch : 0;
    let from = first * triangleSize(d);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) covariance[i * d + j] = this.#product[from++]!;
    }
    const weight = 1 / this.#frameCount;
    for (let at = first * d; at < (first + patches) * d; at += d) {
      subtractOuterProduct(covariance, this.#sum, at, d, weight);
    }
    const scale = 1 / (patches * (this.#frameCount - 1));
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) covariance[i * d + j]! *= scale;
    }
  }
}

/** covariance −= weight · v vᵀ (lower triangle), where v lies at `at` in `vectors`. */
const subtractOuterProduct = (
  covariance: Float64Array,
  vectors: Float64Array,
  at: number,
  d: number,
  weight: number,
): void => {
  for (let i = 0; i < d; i++) {
    const weighted = weight * vectors[at + i]!;
    for (let j = 0; j <= i; j++) covariance[i * d + j]! -= weighted * vectors[at + j]!;
  }
};
