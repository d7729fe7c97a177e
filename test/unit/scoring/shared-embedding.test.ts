import { describe, expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import type { Embedding, EmbeddingPlan } from '../../../src/core/ports/engine.ts';
import { SharedEmbedding } from '../../../src/scoring/shared-embedding.ts';
import { ReferenceEngine, referencePlan } from '../../support/reference-engine.ts';
import { ReusingEngine, flicker } from '../padim/made-footage.ts';

/** Counts what reaches the backbone; its memory is written again by every call, as the real one's. */
class CountingEngine extends ReusingEngine {
  readonly asked: number[] = [];

  override embed(plan: EmbeddingPlan, pixels: Uint8Array, count: number): Promise<Embedding> {
    this.asked.push(count);
    return super.embed(plan, pixels, count);
  }
}

const PLAN = referencePlan(4);
const BATCH = flicker(5);
/** First frame and number of frames of the segments of a batch; contexts are asked for alone. */
const SEGMENTS = [
  [0, 1],
  [1, 2],
  [3, 1],
  [4, 1],
] as const;

const part = (pixels: Uint8Array, first: number, count: number): Uint8Array =>
  pixels.subarray(first * FRAME_BYTES, (first + count) * FRAME_BYTES);

const expectOwn = async (got: Embedding, pixels: Uint8Array, plan = PLAN): Promise<void> => {
  const alone = new ReferenceEngine();
  expect(got).toEqual(await alone.embed(plan, pixels, pixels.length / FRAME_BYTES));
};

describe('SharedEmbedding', () => {
  test('a batch is embedded once, and each segment has its own frames', async () => {
    const inner = new CountingEngine();
    const shared = new SharedEmbedding(inner);
    await shared.within(BATCH, async () => {
      for (const [first, count] of SEGMENTS) {
        const pixels = part(BATCH, first, count);
        await expectOwn(await shared.embed(PLAN, pixels, count), pixels);
      }
    });
    expect(inner.asked).toEqual([5]);
  });

  test('segments of another plan are embedded by themselves, and spoil nothing', async () => {
    const inner = new CountingEngine();
    const shared = new SharedEmbedding(inner);
    const other = referencePlan(2);
    await shared.within(BATCH, async () => {
      for (const plan of [PLAN, other, PLAN]) {
        const pixels = part(BATCH, 1, 2);
        await expectOwn(await shared.embed(plan, pixels, 2), pixels, plan);
      }
    });
    expect(inner.asked).toEqual([5, 2]);
  });

  test('what is none of the batch, or comes after it, is embedded by itself', async () => {
    const inner = new CountingEngine();
    const shared = new SharedEmbedding(inner);
    const foreign = flicker(1, 9);
    await shared.within(BATCH, async () => {
      await expectOwn(await shared.embed(PLAN, foreign, 1), foreign);
    });
    // The memory is the same, the frames in it are not.
    const memory = BATCH.slice();
    await shared.within(memory, () => shared.embed(PLAN, memory, 5));
    memory.set(flicker(5, 3));
    await expectOwn(await shared.embed(PLAN, part(memory, 0, 2), 2), part(memory, 0, 2));
    expect(inner.asked).toEqual([1, 5, 2]);
  });

  test('a failing engine is told to each segment, and the batch ends', async () => {
    const broken = new (class extends ReferenceEngine {
      override embed(): Promise<Embedding> {
        return Promise.reject(new Error('out of memory'));
      }
    })();
    const shared = new SharedEmbedding(broken);
    await shared.within(BATCH, async () => {
      await expect(shared.embed(PLAN, BATCH, 1)).rejects.toThrow('out of memory');
      await expect(shared.embed(PLAN, BATCH, 1)).rejects.toThrow('out of memory');
    });
  });
});
