// Scores frames against one scene's Gaussian field: embedding, Mahalanobis distance, smoothed map.
import type { EmbeddingPlan, Engine, WhitenedGaussian } from '../core/ports/engine.ts';
import { mapOperator } from './map-operator.ts';
import type { Profile } from './profile.ts';

export interface SceneScorerOptions {
  readonly engine: Engine;
  readonly profile: Profile;
  readonly plan: EmbeddingPlan;
  readonly gaussian: WhitenedGaussian;
}

export class SceneScorer {
  readonly #options: SceneScorerOptions;
  readonly #operator: Float32Array;

  constructor(options: SceneScorerOptions) {
    this.#options = options;
    const { map } = options.profile;
    this.#operator = mapOperator(options.plan.grid, map.side, map.sigma);
  }

  /** Maps are `mapSide` × `mapSide` cells. */
  get mapSide(): number {
    return this.#options.profile.map.side;
  }

  /**
   * @param pixels frameCount × FRAME_BYTES, rgb24
   * @returns (frame, row, column) float32 anomaly maps (PaDiM, section 3.4), valid until the next call
   */
  async score(pixels: Uint8Array, frameCount: number): Promise<Float32Array> {
    const { engine, plan, gaussian } = this.#options;
    const embedding = await engine.embed(plan, pixels, frameCount);
    const distances = await engine.distances(embedding, gaussian);
    return engine.resizeMaps(distances, plan.grid, this.#operator, this.mapSide);
  }
}
