// Takes out of a slow picture what is common to all of it: light that grows, exposure, contrast. Each channel is fitted as
// gain × usual + shift over all positions, robustly, so that what changed at some of them does not count.
import type { StayShape } from './stay-model.ts';

/** More rounds change nothing. */
const ROUNDS = 3;
const GAIN_LIMITS = [0.3, 3] as const;
/** Of the median position's residual, from where on a position counts less than half. */
const OUTLYING = 3;
/** Of a channel's normal residual, toward a gain of one: a channel without structure tells no gain. */
const RIDGE = 1e-3;

export interface CommonShiftOptions extends StayShape {
  /** (patch, channel): the usual embedding. */
  readonly mean: Float32Array;
  /** (channel): mean squared residual of normal pictures. */
  readonly scale: Float32Array;
}

export class CommonShift {
  readonly #options: CommonShiftOptions;
  readonly #inverseScale: Float64Array;
  /** (patch). */
  readonly #weights: Float64Array;
  readonly #residuals: Float32Array;
  /** (channel): weighted sums of x, y, x², xy, where x is the usual and y the picture. */
  readonly #sums: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  readonly #inverseGain: Float64Array;
  readonly #shift: Float64Array;

  constructor(options: CommonShiftOptions) {
    this.#options = options;
    const { patchCount, dimensions: d, scale } = options;
    this.#inverseScale = Float64Array.from(scale, (value) => 1 / value);
    this.#weights = new Float64Array(patchCount);
    this.#residuals = new Float32Array(patchCount);
    const channels = (): Float64Array => new Float64Array(d);
    this.#sums = [channels(), channels(), channels(), channels()];
    this.#inverseGain = channels();
    this.#shift = channels();
  }

  /** Memory of its own, beside the mean and the scale. */
  get sizeBytes(): number {
    return this.#weights.byteLength + this.#residuals.byteLength + 7 * this.#shift.byteLength;
  }

  /**
   * @param values (patch, channel) of one picture
   * @param target (patch, channel): (value − shift) / gain − usual
   */
  residuals(values: Float32Array, target: Float32Array): void {
    this.#weights.fill(1);
    for (let round = 0; round < ROUNDS; round++) {
      if (round > 0) this.#reweigh(values);
      this.#fit(values);
    }
    const { mean, dimensions: d } = this.#options;
    for (let from = 0; from < mean.length; from += d) {
      for (let channel = 0; channel < d; channel++) {
        const at = from + channel;
        target[at] =
          (values[at]! - this.#shift[channel]!) * this.#inverseGain[channel]! - mean[at]!;
      }
    }
  }

  /** Weighted least squares of each channel over the positions. */
  #fit(values: Float32Array): void {
    const { mean, scale, patchCount, dimensions: d } = this.#options;
    const [ofX, ofY, ofXx, ofXy] = this.#sums;
    for (const sums of this.#sums) sums.fill(0);
    let total = 0;
    for (let patch = 0; patch < patchCount; patch++) {
      const weight = this.#weights[patch]!;
      total += weight;
      const from = patch * d;
      for (let channel = 0; channel < d; channel++) {
        const x = mean[from + channel]!;
        const y = values[from + channel]!;
        const weighted = weight * x;
        ofX[channel]! += weighted;
        ofY[channel]! += weight * y;
        ofXx[channel]! += weighted * x;
        ofXy[channel]! += weighted * y;
      }
    }
    for (let channel = 0; channel < d; channel++) {
      const x = ofX[channel]! / total;
      const y = ofY[channel]! / total;
      const ridge = RIDGE * scale[channel]!;
      const gain =
        (ofXy[channel]! / total - x * y + ridge) / (ofXx[channel]! / total - x * x + ridge);
      const kept = Math.min(GAIN_LIMITS[1], Math.max(GAIN_LIMITS[0], gain));
      this.#inverseGain[channel] = 1 / kept;
      this.#shift[channel] = y - kept * x;
    }
  }

  /** Positions that the fit does not explain count less: a Cauchy weight of their residual, in normal ones. */
  #reweigh(values: Float32Array): void {
    const { mean, patchCount, dimensions: d } = this.#options;
    for (let patch = 0; patch < patchCount; patch++) {
      const from = patch * d;
      let sum = 0;
      for (let channel = 0; channel < d; channel++) {
        const at = from + channel;
        const residual =
          (values[at]! - this.#shift[channel]!) * this.#inverseGain[channel]! - mean[at]!;
        sum += residual * residual * this.#inverseScale[channel]!;
      }
      this.#weights[patch] = sum;
      this.#residuals[patch] = sum;
    }
    const usual = OUTLYING * Math.max(1e-12, this.#residuals.sort()[patchCount >> 1]!);
    for (let patch = 0; patch < patchCount; patch++) {
      const excess = this.#weights[patch]! / usual;
      this.#weights[patch] = 1 / (1 + excess * excess);
    }
  }
}
