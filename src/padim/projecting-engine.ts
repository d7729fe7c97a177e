// An engine whose embeddings are projected to fewer channels; all else is the inner engine's.
import type {
  BatchMoments,
  CovarianceKind,
  Embedding,
  EmbeddingPlan,
  Engine,
  WhitenedGaussian,
} from '../core/ports/engine.ts';

export class ProjectingEngine implements Engine {
  readonly name: string;
  readonly #inner: Engine;
  readonly #matrix: Float32Array;

  /** @param matrix (channel, projected channel) */
  constructor(inner: Engine, matrix: Float32Array) {
    this.name = inner.name;
    this.#inner = inner;
    this.#matrix = matrix;
  }

  async embed(plan: EmbeddingPlan, pixels: Uint8Array, frameCount: number): Promise<Embedding> {
    return this.project(await this.#inner.embed(plan, pixels, frameCount), this.#matrix);
  }

  project(embedding: Embedding, matrix: Float32Array): Promise<Embedding> {
    return this.#inner.project(embedding, matrix);
  }

  appendChange(embedding: Embedding, previous: Float32Array): Promise<Embedding> {
    return this.#inner.appendChange(embedding, previous);
  }

  distances(embedding: Embedding, gaussian: WhitenedGaussian): Promise<Float32Array> {
    return this.#inner.distances(embedding, gaussian);
  }

  moments(embedding: Embedding, shift: Float32Array, kind: CovarianceKind): Promise<BatchMoments> {
    return this.#inner.moments(embedding, shift, kind);
  }

  resizeMaps(
    maps: Float32Array,
    side: number,
    operator: Float32Array,
    outSide: number,
  ): Promise<Float32Array> {
    return this.#inner.resizeMaps(maps, side, operator, outSide);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
