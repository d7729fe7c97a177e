// Holds a slow picture against what stays at each position.
import type { EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import { ScratchMemory } from '../padim/maths/scratch-memory.ts';
import { CommonShift } from './common-shift.ts';
import { MapFilter, nearestSquare } from './nearest-state.ts';
import type { StayModel } from './stay-model.ts';

export interface StayScorerOptions {
  readonly engine: Engine;
  /** The scene's; its embedding has the model's shape. */
  readonly plan: EmbeddingPlan;
  readonly model: StayModel;
  /** Shared by scorers that run in turn; its own when left out. Maps are valid until the next call of any of them. */
  readonly scratch?: ScratchMemory | undefined;
}

export class StayScorer {
  readonly #options: StayScorerOptions;
  readonly #scratch: ScratchMemory;
  readonly #shift: CommonShift;
  readonly #filter: MapFilter;
  /** (patch): one over deviation × threshold. */
  readonly #inverseDeviation: Float32Array;

  constructor(options: StayScorerOptions) {
    this.#options = options;
    this.#scratch = options.scratch ?? new ScratchMemory();
    const { model, plan } = options;
    this.#shift = new CommonShift(model);
    this.#filter = new MapFilter(plan.grid);
    this.#inverseDeviation = model.normalDeviation.map(
      (deviation) => 1 / (deviation * model.threshold),
    );
  }

  /** Maps are `mapSide` × `mapSide` cells. */
  get mapSide(): number {
    return this.#options.plan.grid;
  }

  /** Memory of the scene's own. */
  get sizeBytes(): number {
    const { mean, factor, states, normalMean } = this.#options.model;
    const ofModel = [mean, factor, states, normalMean, this.#inverseDeviation];
    return (
      ofModel.reduce((sum, { byteLength }) => sum + byteLength, 0) +
      this.#shift.sizeBytes +
      this.#filter.sizeBytes
    );
  }

  /**
   * @param slow FRAME_BYTES, rgb24: a slow picture (SlowPictures)
   * @returns (row, column) float32: how far it lies from what stays there, in thresholds, so that 1 and more is a
   * change; below zero where it is more usual than usual. Valid until the next call
   */
  async score(slow: Uint8Array): Promise<Float32Array> {
    const { engine, plan, model } = this.#options;
    const { patchCount, dimensions } = model;
    const { values } = await engine.embed(plan, slow, 1);
    const residuals = this.#scratch.take('stay residuals', patchCount * dimensions);
    this.#shift.residuals(values, residuals);
    const whitened = await engine.project(
      { patchCount, frameCount: 1, dimensions, values: residuals },
      model.factor,
    );
    const map = this.#scratch.take('stay map', patchCount);
    this.#distances(whitened.values, map);
    this.#filter.apply(map);
    for (let patch = 0; patch < patchCount; patch++)
      map[patch] = (map[patch]! - model.normalMean[patch]!) * this.#inverseDeviation[patch]!;
    return map;
  }

  #distances(whitened: Float32Array, map: Float32Array): void {
    const { patchCount, dimensions, states, stateCount: count } = this.#options.model;
    const at = { first: 0, stride: patchCount * dimensions, count, dimensions };
    for (let patch = 0; patch < patchCount; patch++) {
      at.first = patch * dimensions;
      map[patch] = Math.sqrt(nearestSquare(whitened, at.first, states, at));
    }
  }
}
