// Made-up embeddings in stages of several rasters, as an engine gives them: coarse stages repeated on the grid.
import type { Embedding } from '../../../src/core/ports/engine.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import type { StageRaster } from '../../../src/rivals/stage-rasters.ts';

export interface Made {
  readonly grid: number;
  readonly rasters: readonly StageRaster[];
  readonly frameCount: number;
  readonly seed: number;
  /** How much frames differ from each other, against how much places do. */
  readonly variation: number;
}

export const madeEmbedding = ({ grid, rasters, frameCount, seed, variation }: Made): Embedding => {
  const random = seededRandom(seed);
  const dimensions = rasters.reduce((sum, raster) => sum + raster.channels, 0);
  const values = new Float32Array(grid * grid * frameCount * dimensions);
  let channel = 0;
  for (const { side, channels } of rasters) {
    const repeat = grid / side;
    const scene = Float64Array.from({ length: side * side * channels }, random);
    for (let frame = 0; frame < frameCount; frame++) {
      const stage = scene.map((value) => value + variation * random());
      for (let patch = 0; patch < grid * grid; patch++) {
        const row = Math.floor(Math.floor(patch / grid) / repeat);
        const place = (row * side + Math.floor((patch % grid) / repeat)) * channels;
        const to = (patch * frameCount + frame) * dimensions + channel;
        for (let index = 0; index < channels; index++) values[to + index] = stage[place + index]!;
      }
    }
    channel += channels;
  }
  return { patchCount: grid * grid, frameCount, dimensions, values };
};
