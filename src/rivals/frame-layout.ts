// How SPADE keeps a frame: stage after stage, each on its own raster, nothing repeated; and how the cells of any
// raster are read from it.
import type { Embedding } from '../core/ports/engine.ts';
import type { StageRaster } from './stage-rasters.ts';

interface PlacedStage extends StageRaster {
  /** First channel in the embedding. */
  readonly channel: number;
  /** (patch of the grid): where the values of its cell begin in a kept frame. */
  readonly starts: Int32Array;
}

export class FrameLayout {
  /** Patches are a `grid` × `grid` raster. */
  readonly grid: number;
  readonly dimensions: number;
  /** Values kept of one frame: (stage, row, column, channel). */
  readonly length: number;
  /** Sides of the rasters coarser than the grid, ascending: a cell of one of them covers several patches. */
  readonly coarseSides: readonly number[];
  readonly #stages: readonly PlacedStage[];
  /** side -> (cell, patch of the cell): places on the grid. */
  readonly #patches: ReadonlyMap<number, Int32Array>;

  constructor(grid: number, rasters: readonly StageRaster[]) {
    this.grid = grid;
    let channel = 0;
    let length = 0;
    this.#stages = rasters.map(({ side, channels }) => {
      const offset = length;
      const starts = new Int32Array(grid * grid);
      placesByCell(grid, side).forEach((patch, index) => {
        starts[patch] = offset + Math.floor(index / (grid / side) ** 2) * channels;
      });
      const placed = { side, channels, channel, starts };
      channel += channels;
      length += side * side * channels;
      return placed;
    });
    this.dimensions = channel;
    this.length = length;
    const sides = [...new Set([...rasters.map((raster) => raster.side), grid])];
    this.coarseSides = sides.filter((side) => side < grid).sort((a, b) => a - b);
    this.#patches = new Map(sides.map((side) => [side, placesByCell(grid, side)]));
  }

  /** Channels of the stages that are as coarse as a raster or coarser. */
  coarseDimensions(side: number): number {
    return this.#coarse(side).reduce((sum, stage) => sum + stage.channels, 0);
  }

  /** One frame of the embedding, minus `centre` (channel): what is kept of it. */
  pack(embedding: Embedding, frame: number, centre: Float32Array): Float32Array {
    const { values, frameCount, dimensions } = embedding;
    const kept = new Float32Array(this.length);
    for (const { channels, channel, starts } of this.#stages) {
      starts.forEach((to, patch) => {
        const from = (patch * frameCount + frame) * dimensions + channel;
        for (let index = 0; index < channels; index++) {
          kept[to + index] = values[from + index]! - centre[channel + index]!;
        }
      });
    }
    return kept;
  }

  /** Places on the grid of the patches in a cell of a raster. */
  patchesOf(side: number, cell: number): Int32Array {
    const count = (this.grid / side) ** 2;
    return this.#patches.get(side)!.subarray(cell * count, (cell + 1) * count);
  }

  /** The cell of a raster that a patch lies in. */
  cellOf(side: number, patch: number): number {
    const repeat = this.grid / side;
    const row = Math.floor(Math.floor(patch / this.grid) / repeat);
    return row * side + Math.floor((patch % this.grid) / repeat);
  }

  /** The patches of a raster's cell, (patch, channel), into `out` from `to`. */
  readPatches(kept: Float32Array, side: number, cell: number, out: Float32Array, to: number): void {
    const patches = this.patchesOf(side, cell);
    for (const { channels, channel, starts } of this.#stages) {
      let start = to + channel;
      for (let index = 0; index < patches.length; index++) {
        const from = starts[patches[index]!]!;
        for (let value = 0; value < channels; value++) out[start + value] = kept[from + value]!;
        start += this.dimensions;
      }
    }
  }

  /** The stages that are as coarse as a raster or coarser, of one of its cells, (channel). */
  readCoarse(kept: Float32Array, side: number, cell: number, out: Float32Array, to: number): void {
    const patch = this.patchesOf(side, cell)[0]!;
    let start = to;
    for (const { channels, starts } of this.#coarse(side)) {
      const from = starts[patch]!;
      out.set(kept.subarray(from, from + channels), start);
      start += channels;
    }
  }

  /** Mean of the last stage over the frame, (channel). */
  pooled(kept: Float32Array): Float32Array {
    const { side, channels, starts } = this.#stages.at(-1)!;
    const sums = new Float64Array(channels);
    for (let index = 0; index < side * side * channels; index++) {
      sums[index % channels]! += kept[starts[0]! + index]!;
    }
    return Float32Array.from(sums, (sum) => sum / (side * side));
  }

  #coarse(side: number): readonly PlacedStage[] {
    return this.#stages.filter((stage) => stage.side <= side);
  }
}

/** Places on the grid, cell after cell of a raster, row-major in each. */
const placesByCell = (grid: number, side: number): Int32Array => {
  const repeat = grid / side;
  const places = new Int32Array(grid * grid);
  const counts = new Int32Array(side * side);
  for (let place = 0; place < places.length; place++) {
    const row = Math.floor(Math.floor(place / grid) / repeat);
    const cell = row * side + Math.floor((place % grid) / repeat);
    places[cell * repeat * repeat + counts[cell]!++] = place;
  }
  return places;
};
