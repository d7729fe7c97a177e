// SPADE (Cohen and Hoshen, arXiv 2005.02357), PaDiM's nearest-neighbour rival: a frame is as odd as its distance to
// the most similar training frames, a patch as its distance to the most similar patch in those.
import { PatchwatchError } from '../core/errors.ts';
import type { Embedding, EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import type { NearestNeighbours } from '../core/ports/nearest-neighbours.ts';
import { mapOperator } from '../padim/maths/map-operator.ts';
import { FrameLayout } from './frame-layout.ts';
import { PatchSearch } from './patch-search.ts';
import type { RivalScorer, RivalScores } from './rival-scorer.ts';
import { stageRasters } from './stage-rasters.ts';
import { assertRoom } from './training-room.ts';

/** The published K, and the map of the comparison in PaDiM's section 3.4. */
const NEIGHBOUR_COUNT = 50;
const MAP_SIDE = 256;
const MAP_SIGMA = 4;
/** Holds every category of MVTec AD with Wide-ResNet-50-2, and 4,700 frames with EfficientNet-Lite0. */
const MEMORY_BYTES = 3 * 1024 ** 3;

export interface SpadeScorerOptions {
  readonly engine: Engine;
  readonly neighbours: NearestNeighbours;
  /** With all channels of its stages: SPADE reduces nothing. */
  readonly plan: EmbeddingPlan;
  /** K; all training frames when there are fewer. */
  readonly neighbourCount?: number;
  /** What the kept training frames may take. */
  readonly memoryBytes?: number;
}

/** Known from the first training frames on. */
interface Gallery {
  readonly layout: FrameLayout;
  readonly search: PatchSearch;
  /**
   * Mean of each channel over the first batch. Distances do not change when it is taken from everything, but
   * products of large numbers, whose difference they are, lose their last digits.
   */
  readonly centre: Float32Array;
  readonly frames: Float32Array[];
}

export class SpadeScorer implements RivalScorer {
  readonly mapSide = MAP_SIDE;
  readonly #options: SpadeScorerOptions;
  #gallery: Gallery | undefined;
  /** (training frame, channel): the last stage's mean over the frame. */
  #pooled: Float32Array = new Float32Array(0);
  #operator: Float32Array = new Float32Array(0);

  constructor(options: SpadeScorerOptions) {
    this.#options = options;
  }

  /** A gallery is its own model: every training frame, whole. */
  get modelBytes(): number {
    const { frames, layout } = this.#open();
    return frames.length * layout.length * 4;
  }

  async addTraining(pixels: Uint8Array, frameCount: number): Promise<void> {
    const { engine, plan } = this.#options;
    const rasters = this.#gallery === undefined ? await stageRasters(engine, plan) : [];
    const embedding = await engine.embed(plan, pixels, frameCount);
    this.#gallery ??= this.#startGallery(new FrameLayout(plan.grid, rasters), embedding);
    const { layout, centre, frames } = this.#gallery;
    assertRoom({
      method: 'SPADE',
      frameCount: frames.length + frameCount,
      frameBytes: layout.length * 4,
      memoryBytes: this.#options.memoryBytes ?? MEMORY_BYTES,
    });
    for (let frame = 0; frame < frameCount; frame++) {
      frames.push(layout.pack(embedding, frame, centre));
    }
  }

  finish(): void {
    const { plan } = this.#options;
    const { frames, layout } = this.#open();
    const pooled = frames.map((frame) => layout.pooled(frame));
    const channels = pooled[0]?.length ?? 0;
    this.#pooled = new Float32Array(frames.length * channels);
    pooled.forEach((one, index) => {
      this.#pooled.set(one, index * channels);
    });
    this.#operator = mapOperator(plan.grid, MAP_SIDE, MAP_SIGMA);
  }

  async score(pixels: Uint8Array, frameCount: number): Promise<RivalScores> {
    const { engine, neighbours, plan, neighbourCount = NEIGHBOUR_COUNT } = this.#options;
    const { layout, search, centre, frames } = this.#open();
    const embedding = await engine.embed(plan, pixels, frameCount);
    const count = Math.min(neighbourCount, frames.length);
    const patchCount = plan.grid * plan.grid;
    const distances = new Float32Array(frameCount * patchCount);
    const scores = new Float32Array(frameCount);
    for (let frame = 0; frame < frameCount; frame++) {
      const query = layout.pack(embedding, frame, centre);
      const pooled = layout.pooled(query);
      const near = await neighbours.nearestRows(pooled, this.#pooled, pooled.length, count);
      scores[frame] = near.squares.reduce((sum, square) => sum + root(square), 0) / count;
      const kept = Array.from(near.rows, (row) => frames[row]!);
      distances.set((await search.nearest(query, kept)).map(root), frame * patchCount);
    }
    const maps = await engine.resizeMaps(distances, plan.grid, this.#operator, MAP_SIDE);
    return { maps, scores };
  }

  /** The engine and the search belong to the caller. */
  close(): Promise<void> {
    this.#gallery = undefined;
    this.#pooled = new Float32Array(0);
    return Promise.resolve();
  }

  #startGallery(layout: FrameLayout, embedding: Embedding): Gallery {
    const search = new PatchSearch(layout, this.#options.neighbours);
    return { layout, search, centre: channelMeans(embedding), frames: [] };
  }

  #open(): Gallery {
    if (this.#gallery !== undefined) return this.#gallery;
    throw new PatchwatchError('FOOTAGE_TOO_SHORT', 'no frame to fit: the footage is empty');
  }
}

const root = (square: number): number => Math.sqrt(Math.max(0, square));

const channelMeans = ({ values, dimensions }: Embedding): Float32Array => {
  const sums = new Float64Array(dimensions);
  for (let index = 0; index < values.length; index++) {
    const channel = index % dimensions;
    sums[channel]! += values[index]!;
  }
  return Float32Array.from(sums, (sum) => (sum * dimensions) / values.length);
};
