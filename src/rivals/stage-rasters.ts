// How coarse each stage of an embedding really is. A stage coarser than the grid repeats its cells; what keeps
// whole frames need not keep the repeats.
import { FRAME_BYTES } from '../core/frame.ts';
import type { EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import { seededRandom } from '../padim/maths/random.ts';

/** One stage of the embedding: `side` × `side` cells of `channels` values. */
export interface StageRaster {
  readonly side: number;
  readonly channels: number;
}

/** Seen on a picture of noise, where no two cells of a stage are alike but the repeated ones. */
export const stageRasters = async (
  engine: Engine,
  plan: EmbeddingPlan,
): Promise<readonly StageRaster[]> => {
  const random = seededRandom(0);
  const noise = Uint8Array.from({ length: FRAME_BYTES }, () => 256 * random());
  const { values, dimensions } = await engine.embed(plan, noise, 1);
  let first = 0;
  return plan.channels.map(({ length: channels }) => {
    const stage = { first, channels };
    first += channels;
    let repeat = 1;
    while (
      plan.grid % (2 * repeat) === 0 &&
      isRepeated(values, dimensions, plan.grid, 2 * repeat, stage)
    ) {
      repeat *= 2;
    }
    return { side: plan.grid / repeat, channels };
  });
};

/** Whether every block of `repeat` × `repeat` patches holds the same values of a stage. */
const isRepeated = (
  values: Float32Array,
  dimensions: number,
  grid: number,
  repeat: number,
  stage: { readonly first: number; readonly channels: number },
): boolean => {
  for (let row = 0; row < grid; row++) {
    for (let column = 0; column < grid; column++) {
      const corner = (row - (row % repeat)) * grid + column - (column % repeat);
      const here = (row * grid + column) * dimensions + stage.first;
      const there = corner * dimensions + stage.first;
      for (let channel = 0; channel < stage.channels; channel++) {
        if (values[here + channel] !== values[there + channel]) return false;
      }
    }
  }
  return true;
};
