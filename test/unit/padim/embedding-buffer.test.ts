import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Embedding } from '../../../src/core/ports/engine.ts';
import { EmbeddingBuffer } from '../../../src/padim/embedding-buffer.ts';

const PATCHES = 3;
const CHANNELS = 2;

/** Values tell patch, frame of the stream, and channel. */
const batchOf = (first: number, frameCount: number): Embedding => ({
  patchCount: PATCHES,
  frameCount,
  dimensions: CHANNELS,
  values: Float32Array.from({ length: PATCHES * frameCount * CHANNELS }, (_, at) => {
    const frame = Math.floor(at / CHANNELS) % frameCount;
    const patch = Math.floor(at / CHANNELS / frameCount);
    return patch * 10_000 + (first + frame) * 10 + (at % CHANNELS);
  }),
});

test('batches of any size come out in order, each frame once', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 7 }), (batches, capacity) => {
      const buffer = new EmbeddingBuffer(capacity);
      let taken = 0;
      let drained = 0;
      const drain = (): void => {
        const got = buffer.drain();
        expect(got.values).toEqual(batchOf(drained, got.frameCount).values);
        drained += got.frameCount;
        expect(buffer.isEmpty).toBe(true);
      };
      for (const size of batches) {
        const batch = batchOf(taken, size);
        for (let first = 0; first < size;) {
          first += buffer.take(batch, first);
          if (buffer.isFull) drain();
        }
        taken += size;
      }
      if (!buffer.isEmpty) drain();
      buffer.release();
      expect(drained).toBe(taken);
    }),
  );
});
