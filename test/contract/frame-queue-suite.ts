// What every frame queue promises (core/ports/frame-queue.ts), whatever carries the segments. An adapter's test
// calls the suite with a way to make one.
import { describe, expect, test } from 'vitest';

import type { Segment } from '../../src/core/frame.ts';
import { cameraId, sceneId } from '../../src/core/ids.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import type {
  DropReason,
  FrameQueue,
  OutcomeListener,
  SegmentLease,
  SegmentOutcome,
} from '../../src/core/ports/frame-queue.ts';
import { SimClock } from '../support/sim-clock.ts';

export interface QueueBounds {
  readonly maxFramesPerCamera: number;
  readonly maxFrames: number;
  readonly maxFrameAgeMs: number;
}

export interface QueueSetting extends QueueBounds {
  readonly clock: Clock;
  readonly onOutcome: OutcomeListener;
}

export interface MadeQueue {
  readonly queue: FrameQueue;
  /** For a queue that outlives its process: the same one, as another process has it. */
  readonly openAnother?: () => FrameQueue;
  /** Resolves when `onOutcome` was called for everything that has ended by now. */
  readonly untilTold: () => Promise<void>;
  /** Releases everything behind the queue; the suite closes it first. */
  readonly release: () => Promise<void>;
}

export type MakeQueue = (setting: QueueSetting) => Promise<MadeQueue>;

/** How often a segment is handed out before it is dropped. */
const ATTEMPTS = 3;

const WIDE: QueueBounds = { maxFramesPerCamera: 1_000, maxFrames: 10_000, maxFrameAgeMs: 60_000 };

class Stand implements AsyncDisposable {
  readonly clock = new SimClock();
  readonly #drops: [string, DropReason][] = [];
  readonly #scores: SegmentOutcome[] = [];
  readonly #sequences = new Map<string, number>();
  readonly #others: FrameQueue[] = [];
  #made!: MadeQueue;

  static async open(makeQueue: MakeQueue, bounds: Partial<QueueBounds> = {}): Promise<Stand> {
    const stand = new Stand();
    stand.#made = await makeQueue({
      ...WIDE,
      ...bounds,
      clock: stand.clock,
      onOutcome: (segment, outcome) => {
        if (outcome.kind === 'dropped') stand.#drops.push([segment.id, outcome.reason]);
        else stand.#scores.push(outcome);
      },
    });
    return stand;
  }

  get queue(): FrameQueue {
    return this.#made.queue;
  }

  /** Undefined where the queue ends with its process. */
  openAnother(): FrameQueue | undefined {
    const other = this.#made.openAnother?.();
    if (other !== undefined) this.#others.push(other);
    return other;
  }

  /** All drops so far, in the order they were told. */
  async drops(): Promise<readonly [string, DropReason][]> {
    await this.#made.untilTold();
    return this.#drops;
  }

  async scores(): Promise<readonly SegmentOutcome[]> {
    await this.#made.untilTold();
    return this.#scores;
  }

  /** A segment that was captured just now; its id is the camera and its first sequence number. */
  segment(camera: string, frameCount = 1): Segment {
    const first = this.#sequences.get(camera) ?? 0;
    this.#sequences.set(camera, first + frameCount);
    return {
      id: `${camera}-${first}`,
      cameraId: cameraId(camera),
      sceneId: sceneId('default'),
      stamps: Array.from({ length: frameCount }, (_, index) => ({
        sequence: first + index,
        capturedAtMs: this.clock.nowMs(),
        mediaTimeMs: first + index,
      })),
      hasContext: false,
      pixels: Uint8Array.from({ length: frameCount }, (_, index) => first + index),
    };
  }

  async offer(camera: string, frameCount = 1): Promise<void> {
    await this.queue.offer(this.segment(camera, frameCount));
  }

  async offerMany(camera: string, count: number, frameCount = 1): Promise<void> {
    for (let index = 0; index < count; index++) await this.offer(camera, frameCount);
  }

  /** Never waits: for tests that know that there is work. */
  async take(maxFrames: number): Promise<readonly SegmentLease[]> {
    const { frames } = await this.queue.depth();
    expect(frames).toBeGreaterThan(0);
    return this.queue.take(maxFrames, new AbortController().signal);
  }

  async frames(): Promise<number> {
    return (await this.queue.depth()).frames;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const queue of [...this.#others, this.queue]) await queue.close();
    await this.#made.release();
  }
}

const scoreOf = ({ id, cameraId, sceneId, stamps }: Segment): SegmentOutcome => ({
  kind: 'scored',
  score: {
    segmentId: id,
    cameraId,
    sceneId,
    stamps,
    side: 1,
    maps: Float32Array.from(stamps, ({ sequence }) => sequence),
    modelVersion: 'v1',
    threshold: 1,
  },
});

const idsOf = (leases: readonly SegmentLease[]): string[] =>
  leases.map((lease) => lease.segment.id);

export interface SuiteOptions {
  /** Other processes have the same queue (`openAnother`): what waits in it outlives this one. */
  readonly isShared?: boolean;
}

export const frameQueueSuite = (
  name: string,
  makeQueue: MakeQueue,
  { isShared = false }: SuiteOptions = {},
): void => {
  describe(`${name}: order`, () => {
    test('a segment arrives as it was offered, for the first time', async () => {
      await using stand = await Stand.open(makeQueue);
      const segment = stand.segment('a', 3);
      await stand.queue.offer(segment);
      const [lease] = await stand.take(3);
      expect(lease?.segment).toEqual(segment);
      expect(lease?.attempt).toBe(0);
    });

    test('oldest first within a camera', async () => {
      await using stand = await Stand.open(makeQueue);
      await stand.offerMany('a', 5);
      expect(idsOf(await stand.take(2))).toEqual(['a-0', 'a-1']);
      expect(idsOf(await stand.take(9))).toEqual(['a-2', 'a-3', 'a-4']);
    });

    test('a camera with much waiting holds no other camera back', async () => {
      await using stand = await Stand.open(makeQueue);
      await stand.offerMany('busy', 50);
      await stand.offerMany('calm', 3);
      const taken = idsOf(await stand.take(6));
      expect(taken.filter((id) => id.startsWith('calm'))).toEqual(['calm-0', 'calm-1', 'calm-2']);
    });

    test('fair in frames, not in segments', async () => {
      await using stand = await Stand.open(makeQueue);
      await stand.offerMany('large', 10, 4);
      await stand.offerMany('small', 40, 1);
      let large = 0;
      for (let round = 0; round < 5; round++) {
        for (const { segment } of await stand.take(8)) {
          if (segment.cameraId === 'large') large += segment.stamps.length;
        }
      }
      expect(large).toBeGreaterThanOrEqual(16);
      expect(large).toBeLessThanOrEqual(24);
    });

    test('a camera that overflows without end keeps its share, and no more', async () => {
      await using stand = await Stand.open(makeQueue, { maxFramesPerCamera: 8 });
      const served = { heavy: 0, light: 0 };
      for (let round = 0; round < 40; round++) {
        await stand.offerMany('heavy', 10);
        await stand.offerMany('light', 2);
        for (const { segment } of await stand.take(2)) {
          served[segment.cameraId === 'heavy' ? 'heavy' : 'light'] += 1;
        }
      }
      expect(served.heavy).toBeGreaterThanOrEqual(32);
      expect(served.light).toBeGreaterThanOrEqual(32);
    });

    test('a camera that was silent has no claim to what it missed', async () => {
      await using stand = await Stand.open(makeQueue);
      await stand.offerMany('a', 60);
      await stand.take(40);
      await stand.offerMany('late', 30);
      const taken = idsOf(await stand.take(20));
      expect(taken.filter((id) => id.startsWith('a')).length).toBeGreaterThanOrEqual(9);
    });

    test('at most so many frames, but a larger segment alone is returned whole', async () => {
      await using stand = await Stand.open(makeQueue);
      await stand.offerMany('a', 2, 6);
      await stand.offerMany('a', 3, 2);
      expect(idsOf(await stand.take(4))).toEqual(['a-0']);
      expect(idsOf(await stand.take(9))).toEqual(['a-6', 'a-12']);
      expect(idsOf(await stand.take(3))).toEqual(['a-14']);
    });
  });

  describe(`${name}: bounds`, () => {
    test('a full camera loses its own oldest frames', async () => {
      await using stand = await Stand.open(makeQueue, { maxFramesPerCamera: 3 });
      await stand.offer('other');
      await stand.offerMany('a', 5);
      expect(await stand.drops()).toEqual([
        ['a-0', 'queue_full'],
        ['a-1', 'queue_full'],
      ]);
      expect(await stand.frames()).toBe(4);
      expect(idsOf(await stand.take(9)).toSorted()).toEqual(['a-2', 'a-3', 'a-4', 'other-0']);
    });

    test('a full queue loses the oldest frames of the camera that waits with the most', async () => {
      await using stand = await Stand.open(makeQueue, { maxFrames: 8 });
      await stand.offerMany('calm', 2);
      await stand.offerMany('busy', 6);
      await stand.offerMany('calm', 2);
      expect(await stand.drops()).toEqual([
        ['busy-0', 'queue_full'],
        ['busy-1', 'queue_full'],
      ]);
      expect(await stand.frames()).toBe(8);
    });

    test('never more than its bounds, whatever is offered', async () => {
      await using stand = await Stand.open(makeQueue, { maxFramesPerCamera: 6, maxFrames: 10 });
      for (let round = 0; round < 40; round++) {
        await stand.offer(`camera${round % 3}`, 1 + (round % 4));
        expect(await stand.frames()).toBeLessThanOrEqual(10);
      }
      expect((await stand.drops()).length).toBeGreaterThan(0);
    });

    test('frames that waited too long are dropped before they are handed out', async () => {
      await using stand = await Stand.open(makeQueue, { maxFrameAgeMs: 1_000 });
      await stand.offerMany('a', 2);
      await stand.offer('b');
      await stand.clock.advance(600);
      await stand.offer('a');
      await stand.clock.advance(600);
      expect(idsOf(await stand.take(9))).toEqual(['a-2']);
      expect((await stand.drops()).toSorted()).toEqual([
        ['a-0', 'too_old'],
        ['a-1', 'too_old'],
        ['b-0', 'too_old'],
      ]);
    });

    test('frames exactly as old as allowed are kept', async () => {
      await using stand = await Stand.open(makeQueue, { maxFrameAgeMs: 1_000 });
      await stand.offer('a');
      await stand.clock.advance(1_000);
      expect(idsOf(await stand.take(1))).toEqual(['a-0']);
      expect(await stand.drops()).toEqual([]);
    });

    test('frames that were handed out do not age', async () => {
      await using stand = await Stand.open(makeQueue, { maxFrameAgeMs: 1_000 });
      await stand.offer('a');
      const [lease] = await stand.take(1);
      await stand.clock.advance(5_000);
      await stand.offer('a');
      expect(await stand.drops()).toEqual([]);
      await lease?.giveBack();
      expect(await stand.drops()).toEqual([['a-0', 'too_old']]);
    });
  });

  describe(`${name}: depth`, () => {
    test('counts frames, waiting or handed out, until they are done', async () => {
      await using stand = await Stand.open(makeQueue);
      expect(await stand.queue.depth()).toEqual({ frames: 0, oldestAgeMs: 0 });
      await stand.offerMany('a', 2, 3);
      expect(await stand.frames()).toBe(6);
      const [lease] = await stand.take(3);
      expect(await stand.frames()).toBe(6);
      await lease?.settle(scoreOf(lease.segment));
      expect(await stand.frames()).toBe(3);
    });

    test('the age of the oldest frame that waits', async () => {
      await using stand = await Stand.open(makeQueue);
      await stand.offer('a');
      await stand.clock.advance(300);
      await stand.offer('b');
      await stand.clock.advance(100);
      expect((await stand.queue.depth()).oldestAgeMs).toBe(400);
      await stand.take(1);
      expect((await stand.queue.depth()).oldestAgeMs).toBe(100);
    });
  });

  describe(`${name}: outcomes`, () => {
    test('what was scored is told once, with its maps', async () => {
      await using stand = await Stand.open(makeQueue);
      await stand.offerMany('a', 2, 3);
      const leases = await stand.take(9);
      for (const lease of leases) await lease.settle(scoreOf(lease.segment));
      expect(await stand.scores()).toEqual(leases.map(({ segment }) => scoreOf(segment)));
      expect(await stand.drops()).toEqual([]);
    });

    test('a segment that can’t be scored is told with its reason', async () => {
      await using stand = await Stand.open(makeQueue);
      await stand.offer('a');
      const [lease] = await stand.take(1);
      await lease?.settle({ kind: 'dropped', reason: 'no_model' });
      expect(await stand.drops()).toEqual([['a-0', 'no_model']]);
      expect(await stand.frames()).toBe(0);
    });
  });

  describe(`${name}: leases`, () => {
    test.each([
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ])('given back as %i, %i, %i they come again in their old order', async (...order) => {
      await using stand = await Stand.open(makeQueue);
      await stand.offerMany('a', 4);
      const leases = await stand.take(3);
      for (const index of order) await leases[index]?.giveBack();
      const again = await stand.take(9);
      expect(idsOf(again)).toEqual(['a-0', 'a-1', 'a-2', 'a-3']);
      expect(again.map((lease) => lease.attempt)).toEqual([1, 1, 1, 0]);
      expect(await stand.drops()).toEqual([]);
    });

    test(`dropped after attempt ${ATTEMPTS}`, async () => {
      await using stand = await Stand.open(makeQueue);
      await stand.offer('a', 2);
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        expect(await stand.drops()).toEqual([]);
        const [lease] = await stand.take(9);
        expect(lease?.attempt).toBe(attempt);
        await lease?.giveBack();
      }
      expect(await stand.drops()).toEqual([['a-0', 'scorer_failed']]);
      expect(await stand.frames()).toBe(0);
    });

    test('giving back cannot break the bound of a camera', async () => {
      await using stand = await Stand.open(makeQueue, { maxFramesPerCamera: 2 });
      await stand.offerMany('a', 2);
      const leases = await stand.take(2);
      await stand.offerMany('a', 2);
      for (const lease of leases) await lease.giveBack();
      expect((await stand.drops()).toSorted()).toEqual([
        ['a-0', 'queue_full'],
        ['a-1', 'queue_full'],
      ]);
    });

    test('ending a lease twice counts once', async () => {
      await using stand = await Stand.open(makeQueue);
      await stand.offerMany('a', 2);
      const [lease] = await stand.take(1);
      await lease?.settle(scoreOf(lease.segment));
      await lease?.settle(scoreOf(lease.segment));
      await lease?.giveBack();
      expect(await stand.frames()).toBe(1);
      expect(idsOf(await stand.take(9))).toEqual(['a-1']);
    });
  });

  describe(`${name}: waiting and closing`, () => {
    test('take waits for work', async () => {
      await using stand = await Stand.open(makeQueue);
      const taken = stand.queue.take(9, new AbortController().signal);
      await stand.clock.advance(100);
      await stand.offer('a');
      expect(idsOf(await taken)).toEqual(['a-0']);
    });

    test('one segment goes to one of several that wait', async () => {
      await using stand = await Stand.open(makeQueue);
      const stop = new AbortController();
      const takers = [stand.queue.take(9, stop.signal), stand.queue.take(9, stop.signal)];
      await stand.offer('a');
      await Promise.race(takers);
      stop.abort();
      expect((await Promise.all(takers)).flatMap(idsOf)).toEqual(['a-0']);
    });

    test('take wakes up for what is given back', async () => {
      await using stand = await Stand.open(makeQueue);
      await stand.offer('a');
      const [lease] = await stand.take(1);
      const taken = stand.queue.take(1, new AbortController().signal);
      await lease?.giveBack();
      expect(idsOf(await taken)).toEqual(['a-0']);
    });

    test('an aborted take returns nothing, before or while it waits', async () => {
      await using stand = await Stand.open(makeQueue);
      const stop = new AbortController();
      const taken = stand.queue.take(9, stop.signal);
      stop.abort();
      expect(await taken).toEqual([]);
      await stand.offer('a');
      expect(await stand.queue.take(9, stop.signal)).toEqual([]);
      expect(await stand.frames()).toBe(1);
    });

    if (isShared) {
      test('closing refuses what comes and leaves what waits to the other processes', async () => {
        await using stand = await Stand.open(makeQueue);
        const another = stand.openAnother();
        await stand.offerMany('a', 2);
        const [lease] = await stand.take(1);
        await stand.queue.close();
        expect(await stand.queue.take(9, new AbortController().signal)).toEqual([]);
        await stand.offer('b');
        expect(await stand.drops()).toEqual([['b-0', 'shutdown']]);
        await lease?.giveBack();
        const again = (await another?.take(9, new AbortController().signal)) ?? [];
        expect(idsOf(again)).toEqual(['a-0', 'a-1']);
        expect(again.map(({ attempt }) => attempt)).toEqual([1, 0]);
        expect(await stand.frames()).toBe(2);
      });
    } else {
      test('closing drops what waits, wakes who waits and refuses what comes', async () => {
        await using stand = await Stand.open(makeQueue);
        await stand.offerMany('a', 2);
        const [lease] = await stand.take(1);
        await stand.queue.close();
        expect(await stand.drops()).toEqual([['a-1', 'shutdown']]);
        expect(await stand.queue.take(9, new AbortController().signal)).toEqual([]);
        await stand.offer('b');
        await lease?.giveBack();
        expect(await stand.drops()).toEqual([
          ['a-1', 'shutdown'],
          ['b-0', 'shutdown'],
          ['a-0', 'shutdown'],
        ]);
        expect(await stand.frames()).toBe(0);
      });
    }

    test('closing wakes every take that waits; closing again does nothing', async () => {
      await using stand = await Stand.open(makeQueue);
      const { signal } = new AbortController();
      const takers = [stand.queue.take(1, signal), stand.queue.take(1, signal)];
      await stand.queue.close();
      await stand.queue.close();
      expect(await Promise.all(takers)).toEqual([[], []]);
    });
  });
};
