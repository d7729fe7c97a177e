// An engine whose embeddings are projected to fewer channels; all else is the inner engine's.
import type { Embedding, EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import { DelegatingEngine } from './delegating-engine.ts';

export class ProjectingEngine extends DelegatingEngine {
  readonly #matrix: Float32Array;

  /** @param matrix (channel, projected channel) */
  constructor(inner: Engine, matrix: Float32Array) {
    super(inner);
    this.#matrix = matrix;
  }

  override async embed(
    plan: EmbeddingPlan,
    pixels: Uint8Array,
    frameCount: number,
  ): Promise<Embedding> {
    return this.project(await super.embed(plan, pixels, frameCount), this.#matrix);
  }
}
