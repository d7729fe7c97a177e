// Learns a scene's Gaussian field from batches of normal frames, in constant memory.
import { PatchwatchError } from '../core/errors.ts';
import { FRAME_BYTES } from '../core/frame.ts';
import type { Embedding, EmbeddingPlan, Engine, WhitenedGaussian } from '../core/ports/engine.ts';
import { EmbeddingStatistics } from './embedding-statistics.ts';
import { gaussianField } from './gaussian-field.ts';
import type { Profile } from './profile.ts';

export interface GaussianFitterOptions {
  readonly engine: Engine;
  readonly profile: Profile;
  readonly plan: EmbeddingPlan;
}

/** Mean over the frames of a batch, (patch, channel): close enough to the scene's to sum about. */
const meanOfBatch = (embedding: Embedding): Float32Array => {
  const { patchCount, frameCount, dimensions, values } = embedding;
  const mean = new Float32Array(patchCount * dimensions);
  for (let patch = 0; patch < patchCount; patch++) {
    const to = patch * dimensions;
    for (let frame = 0; frame < frameCount; frame++) {
      const from = (patch * frameCount + frame) * dimensions;
      for (let channel = 0; channel < dimensions; channel++) {
        mean[to + channel]! += values[from + channel]! / frameCount;
      }
    }
  }
  return mean;
};

export class GaussianFitter {
  readonly #options: GaussianFitterOptions;
  readonly #pixelSums = new Float64Array(FRAME_BYTES);
  #statistics: EmbeddingStatistics | undefined;
  #shift: Float32Array | undefined;
  #frameCount = 0;

  constructor(options: GaussianFitterOptions) {
    this.#options = options;
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  /** `pixels`: frameCount × FRAME_BYTES, rgb24. */
  async add(pixels: Uint8Array, frameCount: number): Promise<void> {
    const { engine, plan, profile } = this.#options;
    const embedding = await engine.embed(plan, pixels, frameCount);
    this.#shift ??= meanOfBatch(embedding);
    this.#statistics ??= new EmbeddingStatistics({
      kind: profile.covariance,
      patchCount: embedding.patchCount,
      dimensions: embedding.dimensions,
      shift: this.#shift,
    });
    this.#statistics.add(
      await engine.moments(embedding, this.#shift, profile.covariance),
      frameCount,
    );
    this.#frameCount += frameCount;
    this.#addPixels(pixels, frameCount);
  }

  /** Adds what another fitter of the same scene learnt. */
  merge(other: GaussianFitter): void {
    if (other.#statistics === undefined) return;
    if (this.#statistics === undefined) this.#statistics = other.#statistics;
    else this.#statistics.merge(other.#statistics);
    for (let index = 0; index < FRAME_BYTES; index++) {
      this.#pixelSums[index]! += other.#pixelSums[index]!;
    }
    this.#frameCount += other.#frameCount;
  }

  /** @throws PatchwatchError FOOTAGE_TOO_SHORT, FOOTAGE_CONSTANT or NUMBERS_NOT_FINITE */
  finish(): WhitenedGaussian {
    if (this.#statistics === undefined) {
      throw new PatchwatchError('FOOTAGE_TOO_SHORT', 'no frame to fit: the footage is empty');
    }
    return gaussianField(this.#statistics, this.#options.profile.epsilon);
  }

  /** The mean training frame, rgb24. */
  meanFrame(): Uint8Array {
    return Uint8Array.from(this.#pixelSums, (sum) => Math.round(sum / this.#frameCount));
  }

  #addPixels(pixels: Uint8Array, frameCount: number): void {
    const sums = this.#pixelSums;
    for (let frame = 0; frame < frameCount; frame++) {
      const from = frame * FRAME_BYTES;
      for (let index = 0; index < FRAME_BYTES; index++) sums[index]! += pixels[from + index]!;
    }
  }
}
