// An engine that stands before another and answers by it; who extends it changes what he means to.
import type {
  BatchMoments,
  CovarianceKind,
  Embedding,
  EmbeddingPlan,
  Engine,
  WhitenedGaussian,
} from '../core/ports/engine.ts';

export class DelegatingEngine implements Engine {
  readonly name: string;
  readonly #inner: Engine;

  constructor(inner: Engine) {
    this.name = inner.name;
    this.#inner = inner;
  }

  embed(plan: EmbeddingPlan, pixels: Uint8Array, frameCount: number): Promise<Embedding> {
    return this.#inner.embed(plan, pixels, frameCount);
  }

  appendChange(embedding: Embedding, previous: Float32Array): Promise<Embedding> {
    return this.#inner.appendChange(embedding, previous);
  }

  project(embedding: Embedding, matrix: Float32Array): Promise<Embedding> {
    return this.#inner.project(embedding, matrix);
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
