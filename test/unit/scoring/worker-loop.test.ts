import { afterEach, describe, expect, test } from 'vitest';

import type { BatchPolicy } from '../../../src/core/batch-policy.ts';
import { deferred, orAborted } from '../../../src/core/deferred.ts';
import type { Segment } from '../../../src/core/frame.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import type { SegmentOutcome } from '../../../src/core/ports/frame-queue.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import type { SegmentScorer } from '../../../src/core/ports/segment-scorer.ts';
import { WorkerLoop } from '../../../src/scoring/worker-loop.ts';
import { MemoryFrameQueue } from '../../../src/queue/memory-queue.ts';
import { SimClock } from '../../support/sim-clock.ts';
import { waitUntil } from '../../support/wait-until.ts';

const scored = (segment: Segment): SegmentOutcome => ({
  kind: 'scored',
  score: {
    segmentId: segment.id,
    cameraId: segment.cameraId,
    sceneId: segment.sceneId,
    stamps: segment.stamps,
    side: 1,
    maps: new Float32Array(1),
    modelVersion: 'v1',
    threshold: 1,
  },
});

/** A batch that a scorer was asked for, answered by the test. */
interface Asked {
  readonly ids: readonly string[];
  readonly succeed: () => void;
  readonly answer: (outcomes: readonly SegmentOutcome[]) => void;
  readonly fail: () => void;
}

class Stand {
  readonly clock = new SimClock();
  readonly outcomes: string[] = [];
  readonly asked: Asked[] = [];
  readonly stop = new AbortController();
  batching: BatchPolicy = { frames: 2, waitMs: 0 };
  readonly queue = new MemoryFrameQueue({
    maxFramesPerCamera: 100,
    maxFrames: 100,
    maxFrameAgeMs: 60_000,
    clock: this.clock,
    onOutcome: (segment, outcome) =>
      this.outcomes.push(
        `${segment.id} ${outcome.kind === 'dropped' ? outcome.reason : outcome.kind}`,
      ),
  });
  readonly #scorer: SegmentScorer = {
    score: (segments, signal) => {
      const answer = deferred<readonly SegmentOutcome[] | Error>();
      this.asked.push({
        ids: segments.map(({ id }) => id),
        succeed: () => answer.resolve(segments.map(scored)),
        answer: (outcomes) => answer.resolve(outcomes),
        fail: () => answer.resolve(new Error('crashed')),
      });
      return orAborted(answer.promise, signal).then((result) => {
        if (result instanceof Error) throw result;
        return result;
      });
    },
  };
  readonly running = new WorkerLoop({
    queue: this.queue,
    scorer: this.#scorer,
    batching: () => this.batching,
    maxWaitMs: 500,
    clock: this.clock,
    logger: silentLogger,
  }).run(this.stop.signal);

  async offer(...ids: string[]): Promise<void> {
    for (const id of ids) {
      await this.queue.offer({
        id,
        cameraId: cameraId('a'),
        sceneId: sceneId('default'),
        stamps: [{ sequence: Number(id), capturedAtMs: this.clock.nowMs(), mediaTimeMs: 0 }],
        hasContext: false,
        pixels: new Uint8Array(0),
      });
    }
  }

  asking(count: number): Promise<void> {
    return waitUntil(() => this.asked.length === count, 5_000, `${count} batches`);
  }

  async end(): Promise<void> {
    this.stop.abort(new Error('over'));
    await this.running;
  }
}

const stands: Stand[] = [];
const open = (): Stand => {
  const stand = new Stand();
  stands.push(stand);
  return stand;
};
afterEach(async () => {
  for (const stand of stands.splice(0)) await stand.end();
});

describe('WorkerLoop', () => {
  test('batches are scored, and every segment has one outcome, in order', async () => {
    const stand = open();
    await stand.offer('0', '1', '2');
    await stand.asking(2);
    for (const batch of stand.asked) batch.succeed();
    await waitUntil(() => stand.outcomes.length === 3, 5_000, 'three outcomes');
    expect(stand.outcomes.toSorted()).toEqual(['0 scored', '1 scored', '2 scored']);
    expect(stand.asked.flatMap(({ ids }) => ids).toSorted()).toEqual(['0', '1', '2']);
    expect((await stand.queue.depth()).frames).toBe(0);
  });

  test('two batches are under way at once, never more', async () => {
    const stand = open();
    await stand.offer('0', '1', '2', '3', '4', '5', '6', '7');
    await stand.asking(2);
    stand.asked[1]!.succeed();
    await stand.asking(3);
    expect(stand.asked.every(({ ids }) => ids.length <= 2)).toBe(true);
    expect(stand.outcomes).toHaveLength(stand.asked[1]!.ids.length);
  });

  test('while the scorer is busy, the next batch waits to fill up, as long as it pays', async () => {
    const stand = open();
    stand.batching = { frames: 3, waitMs: 40 };
    await stand.offer('0');
    // An idle scorer is not kept waiting.
    await stand.asking(1);
    await stand.offer('1');
    await waitUntil(() => stand.clock.sleeperCount === 1, 5_000, 'the batch to wait');
    await stand.offer('2');
    await stand.clock.advance(39);
    expect(stand.asked).toHaveLength(1);
    await stand.clock.advance(1);
    await stand.asking(2);
    expect(stand.asked[1]!.ids).toEqual(['1', '2']);
  });

  test('a full batch goes at once, and no batch waits once the scorer is free', async () => {
    const stand = open();
    stand.batching = { frames: 3, waitMs: 400 };
    await stand.offer('0');
    await stand.asking(1);
    await stand.offer('1');
    await waitUntil(() => stand.clock.sleeperCount === 1, 5_000, 'the batch to wait');
    await stand.offer('2', '3', '4');
    await stand.asking(2);
    expect(stand.asked[1]!.ids).toEqual(['1', '2', '3']);
    stand.asked[0]!.succeed();
    await waitUntil(() => stand.clock.sleeperCount === 1, 5_000, 'the next batch to wait');
    expect(stand.asked).toHaveLength(2);
    stand.asked[1]!.succeed();
    await stand.asking(3);
    expect(stand.asked[2]!.ids).toEqual(['4']);
    expect(stand.clock.sleeperCount).toBe(0);
  });

  test('no frame waits longer than its camera allows', async () => {
    const stand = open();
    stand.batching = { frames: 3, waitMs: 10_000 };
    await stand.offer('0');
    await stand.asking(1);
    await stand.offer('1');
    await waitUntil(() => stand.clock.sleeperCount === 1, 5_000, 'the batch to wait');
    await stand.clock.advance(500);
    await stand.asking(2);
  });

  test('what waits to fill up is given back when work ends', async () => {
    const stand = open();
    stand.batching = { frames: 3, waitMs: 10_000 };
    await stand.offer('0');
    await stand.asking(1);
    await stand.offer('1');
    await waitUntil(() => stand.clock.sleeperCount === 1, 5_000, 'the batch to wait');
    await stand.end();
    await stand.queue.close();
    expect(stand.outcomes.toSorted()).toEqual(['0 shutdown', '1 shutdown']);
    expect(stand.clock.sleeperCount).toBe(0);
  });

  test('what the scorer drops is an outcome too; one that it forgot is dropped', async () => {
    const stand = open();
    await stand.offer('0');
    await stand.asking(1);
    await stand.offer('1', '2');
    await stand.asking(2);
    stand.asked[0]!.answer([{ kind: 'dropped', reason: 'no_model' }]);
    stand.asked[1]!.answer([]);
    await waitUntil(() => stand.outcomes.length >= 2, 5_000, 'outcomes');
    expect(stand.outcomes[0]).toBe('0 no_model');
    expect(stand.outcomes[1]).toBe('1 scorer_failed');
  });

  test('a batch that failed is tried again, after a pause', async () => {
    const stand = open();
    await stand.offer('0');
    await stand.asking(1);
    stand.asked[0]!.fail();
    // Given back at once: the other of the two takes it.
    await stand.asking(2);
    stand.asked[1]!.fail();
    await waitUntil(() => stand.clock.sleeperCount === 2, 5_000, 'both to pause');
    expect(stand.asked).toHaveLength(2);
    await stand.clock.advance(100);
    await stand.asking(3);
    stand.asked[2]!.succeed();
    await waitUntil(() => stand.outcomes.length === 1, 5_000, 'an outcome');
    expect(stand.outcomes).toEqual(['0 scored']);
  });

  test('after the last attempt the queue drops it', async () => {
    const stand = open();
    await stand.offer('0');
    for (let attempt = 1; attempt <= 3; attempt++) {
      await waitUntil(
        async () => {
          await stand.clock.advance(100);
          return stand.asked.length === attempt;
        },
        5_000,
        `attempt ${attempt}`,
      );
      stand.asked.at(-1)!.fail();
    }
    await waitUntil(() => stand.outcomes.length === 1, 5_000, 'the drop');
    expect(stand.outcomes).toEqual(['0 scorer_failed']);
  });

  test('it ends when the signal aborts, and gives back what it holds', async () => {
    const stand = open();
    await stand.offer('0');
    await stand.asking(1);
    await stand.end();
    expect(stand.outcomes).toEqual([]);
    expect((await stand.queue.depth()).frames).toBe(1);
    await stand.queue.close();
    expect(stand.outcomes).toEqual(['0 shutdown']);
  });

  test('it ends when the queue closes, after the batch under way', async () => {
    const stand = open();
    await stand.offer('0');
    await stand.asking(1);
    await stand.queue.close();
    stand.asked[0]!.succeed();
    await stand.running;
    expect(stand.outcomes).toEqual(['0 scored']);
  });
});
