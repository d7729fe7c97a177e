// Ruling cells out by a lower bound changes how long the search takes, never what it finds.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { FrameLayout } from '../../../src/rivals/frame-layout.ts';
import { PatchSearch } from '../../../src/rivals/patch-search.ts';
import type { StageRaster } from '../../../src/rivals/stage-rasters.ts';
import { PlainNeighbours } from '../../support/plain-neighbours.ts';
import { madeEmbedding } from './made-frames.ts';

interface Setting {
  readonly grid: number;
  readonly rasters: readonly StageRaster[];
  readonly galleryCount: number;
  readonly seed: number;
  readonly variation: number;
}

const kept = ({ galleryCount, ...made }: Setting) => {
  const layout = new FrameLayout(made.grid, made.rasters);
  const embedding = madeEmbedding({ ...made, frameCount: galleryCount + 1 });
  const centre = new Float32Array(layout.dimensions);
  const frames = Array.from({ length: galleryCount + 1 }, (_, frame) =>
    layout.pack(embedding, frame, centre),
  );
  return { layout, query: frames[0]!, gallery: frames.slice(1) };
};

/** All patches with all patches, (patch). */
const bruteForce = async (
  layout: FrameLayout,
  query: Float32Array,
  gallery: readonly Float32Array[],
): Promise<Float32Array> => {
  const { grid, dimensions } = layout;
  const patchesOf = (frame: Float32Array): Float32Array => {
    const out = new Float32Array(grid * grid * dimensions);
    for (let patch = 0; patch < grid * grid; patch++) {
      layout.readPatches(frame, grid, patch, out, patch * dimensions);
    }
    return out;
  };
  const best = new Float32Array(grid * grid).fill(Infinity);
  const neighbours = new PlainNeighbours();
  for (const frame of gallery) {
    const sizes = { groupCount: 1, dimensions };
    await neighbours.lower(best, patchesOf(query), patchesOf(frame), sizes);
  }
  return best;
};

const settings = fc.record({
  grid: fc.constant(16),
  rasters: fc.constantFrom<readonly StageRaster[]>(
    [
      { side: 16, channels: 2 },
      { side: 8, channels: 3 },
      { side: 4, channels: 4 },
    ],
    [
      { side: 16, channels: 2 },
      { side: 2, channels: 5 },
    ],
    // The bound says little here: most of a distance lies in the fine stage.
    [
      { side: 16, channels: 6 },
      { side: 8, channels: 1 },
    ],
    [{ side: 16, channels: 3 }],
    [
      { side: 4, channels: 2 },
      { side: 4, channels: 2 },
    ],
  ),
  galleryCount: fc.integer({ min: 1, max: 6 }),
  seed: fc.integer(),
  variation: fc.constantFrom(0, 0.1, 3),
});

describe('PatchSearch', () => {
  test('finds what comparing all with all finds', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (setting) => {
        const { layout, query, gallery } = kept(setting);
        const found = await new PatchSearch(layout, new PlainNeighbours()).nearest(query, gallery);
        expect([...found]).toEqual([...(await bruteForce(layout, query, gallery))]);
      }),
      { numRuns: 40 },
    );
  });

  test('compares few pairs where frames are alike', async () => {
    const { layout, query, gallery } = kept({
      grid: 32,
      rasters: [
        { side: 32, channels: 2 },
        { side: 8, channels: 8 },
      ],
      galleryCount: 12,
      seed: 3,
      variation: 0.02,
    });
    const neighbours = new PlainNeighbours();
    await new PatchSearch(layout, neighbours).nearest(query, gallery);
    expect(neighbours.comparedPairs).toBeLessThan((32 ** 4 * 12) / 5);
  });
});
