// Inference behind one port: onnxruntime now, TensorFlow.js beside it. All matrix work of the method
// goes through here; layouts are chosen so that scoring is one (batched) matrix product.

/** How a backbone's stages become one embedding per patch. */
export interface EmbeddingPlan {
  /** Backbone name, e.g. `efficientnet-lite0`. */
  readonly backbone: string;
  /** Number of leading stages used; the backbone is cut after the last. */
  readonly stageCount: number;
  /** Patches are a grid × grid raster. */
  readonly grid: number;
  /** Channel indices taken from each stage (within the stage), one list per stage. */
  readonly channels: readonly Int32Array[];
}

/** `patchCount` = grid², `dimensions` = the number of channels. */
export interface Embedding {
  readonly patchCount: number;
  readonly frameCount: number;
  readonly dimensions: number;
  /** (patch, frame, channel) row-major float32. */
  readonly values: Float32Array;
}

export type CovarianceKind = 'own' | 'shared';

/** A Gaussian field ready for scoring: distance = |(embedding − mean) · factor|. */
export interface WhitenedGaussian {
  readonly covariance: CovarianceKind;
  readonly patchCount: number;
  readonly dimensions: number;
  /** (patch, channel). */
  readonly mean: Float32Array;
  /** own: (patch, channel, channel); shared: (channel, channel). Inverse transposed Cholesky factor. */
  readonly factor: Float32Array;
}

/** First and second moments of a batch about `shift`, (patch, channel). */
export interface BatchMoments {
  /** (patch, channel): Σ over frames of (e − shift). */
  readonly sum: Float32Array;
  /** own: (patch, channel, channel); shared: (channel, channel): Σ of outer products of (e − shift). */
  readonly product: Float32Array;
}

export interface Engine {
  readonly name: string;
  /** `pixels`: frameCount × FRAME_BYTES, rgb24. */
  embed(plan: EmbeddingPlan, pixels: Uint8Array, frameCount: number): Promise<Embedding>;
  /**
   * Each frame's channels followed by their change since the frame before: (patch, frame, 2 × channel).
   * `previous`: (patch, channel) of the frame before the first.
   */
  appendChange(embedding: Embedding, previous: Float32Array): Promise<Embedding>;
  /** Linear reduction of the channels, embedding · matrix; `matrix`: (channel, projected channel). */
  project(embedding: Embedding, matrix: Float32Array): Promise<Embedding>;
  /** Mahalanobis distance (PaDiM, eq. 2) of every patch: (frame, patch) float32. */
  distances(embedding: Embedding, gaussian: WhitenedGaussian): Promise<Float32Array>;
  moments(embedding: Embedding, shift: Float32Array, kind: CovarianceKind): Promise<BatchMoments>;
  /** `operator` (outSide, side) applied to rows and columns of each map: (frame, outSide, outSide). */
  resizeMaps(
    maps: Float32Array,
    side: number,
    operator: Float32Array,
    outSide: number,
  ): Promise<Float32Array>;
  close(): Promise<void>;
}
