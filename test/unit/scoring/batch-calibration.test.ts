import { describe, expect, test } from 'vitest';

import { chooseBatches, timeBatches } from '../../../src/scoring/batch-calibration.ts';

/** An engine on a clock of its own: a fixed cost a batch and one a frame, in milliseconds. */
const measure = async (batchMs: number, frameMs: number, budgetMs = 300) => {
  let nowMs = 0;
  const sizes: number[] = [];
  const timings = await timeBatches(
    (frames) => {
      nowMs += batchMs + frames * frameMs;
      sizes.push(frames);
      return Promise.resolve();
    },
    { budgetMs, nowMs: () => nowMs },
  );
  return { timings, sizes, spentMs: nowMs };
};

describe('batch calibration', () => {
  test('an engine that gains nothing from batches is not made to wait for them', async () => {
    const { timings, spentMs } = await measure(0, 5);
    expect(timings.map(({ frames }) => frames)).toEqual([1, 2, 4]);
    // The budget and the end of the round.
    expect(spentMs).toBe(315);
    expect(chooseBatches(timings)).toEqual({ frames: 16, waitMs: 0, framesPerSecond: 200 });
  });

  test('a machine that is busy at first is not taken for an engine that likes batches', async () => {
    let nowMs = 0;
    let calls = 0;
    const timings = await timeBatches(
      (frames) => {
        nowMs += calls++ < 2 ? 30 : 5 * frames;
        return Promise.resolve();
      },
      { budgetMs: 300, nowMs: () => nowMs },
    );
    expect(chooseBatches(timings)).toEqual({ frames: 16, waitMs: 0, framesPerSecond: 200 });
  });

  test('one with a cost a batch gets batches, and the wait that they save', async () => {
    const { timings } = await measure(4, 0.1);
    const { frames, waitMs, framesPerSecond } = chooseBatches(timings);
    expect(frames).toBe(64);
    // 64 single frames take 262.4 ms, a batch of them 10.4.
    expect(waitMs).toBe(252);
    expect(framesPerSecond).toBeCloseTo(64 / 0.0104, 6);
  });

  test('the smallest batch that is as good as any', () => {
    const timings = [
      { frames: 1, seconds: 0.01 },
      { frames: 2, seconds: 0.012 },
      { frames: 4, seconds: 0.0204 },
      { frames: 8, seconds: 0.04 },
    ];
    expect(chooseBatches(timings)).toEqual({ frames: 4, waitMs: 20, framesPerSecond: 200 });
  });

  test('a slow engine ends it with the budget', async () => {
    const { timings, sizes } = await measure(0, 160);
    expect(sizes).toEqual([1, 1]);
    expect(chooseBatches(timings).frames).toBe(16);
  });

  test('a failing engine is told to who asked', async () => {
    const failing = timeBatches(() => Promise.reject(new Error('no memory')), {
      budgetMs: 1,
      nowMs: () => 0,
    });
    await expect(failing).rejects.toThrow('no memory');
  });

  test('nothing measured: what costs nothing', () => {
    expect(chooseBatches([])).toEqual({ frames: 16, waitMs: 0, framesPerSecond: undefined });
  });
});
