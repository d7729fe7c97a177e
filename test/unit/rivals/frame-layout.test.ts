import { describe, expect, test } from 'vitest';

import { FrameLayout } from '../../../src/rivals/frame-layout.ts';
import { madeEmbedding } from './made-frames.ts';

const GRID = 8;
const RASTERS = [
  { side: 8, channels: 2 },
  { side: 4, channels: 3 },
  { side: 2, channels: 4 },
];
const layout = new FrameLayout(GRID, RASTERS);
const embedding = madeEmbedding({
  grid: GRID,
  rasters: RASTERS,
  frameCount: 3,
  seed: 1,
  variation: 1,
});
const centre = Float32Array.from({ length: 9 }, (_, channel) => channel);
const kept = layout.pack(embedding, 1, centre);

/** Frame 1 of the embedding, less the centre. */
const patchValues = (patch: number): readonly number[] =>
  Array.from({ length: 9 }, (_, channel) =>
    Math.fround(embedding.values[(patch * 3 + 1) * 9 + channel]! - channel),
  );

describe('FrameLayout', () => {
  test('keeps nothing twice', () => {
    expect(layout.length).toBe(64 * 2 + 16 * 3 + 4 * 4);
    expect(layout.coarseSides).toEqual([2, 4]);
    expect(layout.coarseDimensions(2)).toBe(4);
    expect(layout.coarseDimensions(4)).toBe(7);
  });

  test.each([8, 4, 2])('the patches of every cell of a raster of %i come back', (side) => {
    const count = (GRID / side) ** 2;
    const seen = new Set<number>();
    for (let cell = 0; cell < side * side; cell++) {
      const out = new Float32Array(count * 9 + 1);
      layout.readPatches(kept, side, cell, out, 1);
      layout.patchesOf(side, cell).forEach((patch, index) => {
        seen.add(patch);
        expect(layout.cellOf(side, patch)).toBe(cell);
        expect([...out.subarray(1 + index * 9, 10 + index * 9)]).toEqual(patchValues(patch));
      });
    }
    expect(seen.size).toBe(GRID * GRID);
  });

  test('coarse channels of a cell are those of any of its patches', () => {
    const out = new Float32Array(7);
    layout.readCoarse(kept, 4, 6, out, 0);
    for (const patch of layout.patchesOf(4, 6)) {
      expect([...out]).toEqual(patchValues(patch).slice(2));
    }
  });

  test('pooling is the mean of the last stage over all patches', () => {
    const expected = Array.from({ length: 4 }, (_, channel) => {
      let sum = 0;
      for (let patch = 0; patch < 64; patch++) sum += patchValues(patch)[5 + channel]!;
      return sum / 64;
    });
    layout.pooled(kept).forEach((mean, channel) => {
      expect(mean).toBeCloseTo(expected[channel]!, 5);
    });
  });
});
