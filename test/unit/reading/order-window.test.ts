import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RUN_SEQUENCES } from '../../../src/core/frame.ts';
import { OrderWindow, type Placed } from '../../../src/reading/order-window.ts';
import { SimClock } from '../../support/sim-clock.ts';

const MAX_FRAMES = 20;
const MAX_WAIT_MS = 5_000;

const stand = (next = 0) => {
  const clock = new SimClock(0);
  const window = new OrderWindow<Placed>({
    next,
    maxFrames: MAX_FRAMES,
    maxWaitMs: MAX_WAIT_MS,
    clock,
  });
  const push = (first: number, last = first): boolean => window.push({ first, last });
  const take = (): string[] => window.take().map(({ first, last }) => `${first}-${last}`);
  return { clock, window, push, take };
};

describe('OrderWindow', () => {
  test('what comes in order goes on at once', () => {
    const { push, take } = stand();
    push(0, 4);
    push(5, 9);
    expect(take()).toEqual(['0-4', '5-9']);
    push(10, 10);
    expect(take()).toEqual(['10-10']);
  });

  test('what comes early waits for what is before it', () => {
    const { push, take, window } = stand();
    push(5, 9);
    expect(take()).toEqual([]);
    expect(window.next).toBe(0);
    push(0, 4);
    expect(take()).toEqual(['0-4', '5-9']);
    expect(window.next).toBe(10);
  });

  test('what was seen before is not kept', () => {
    const { push, take } = stand();
    push(5, 9);
    expect(push(5, 9)).toBe(false);
    push(0, 4);
    take();
    expect(push(0, 4)).toBe(false);
    expect(push(5, 9)).toBe(false);
  });

  test('a gap is given up when the first behind it has waited long enough; what fills it later is late', async () => {
    const { clock, push, take } = stand();
    push(5, 9);
    await clock.advance(MAX_WAIT_MS - 1);
    push(15, 19);
    expect(take()).toEqual([]);
    await clock.advance(1);
    expect(take()).toEqual(['5-9']);
    expect(push(0, 4)).toBe(false);
    expect(push(10, 14)).toBe(true);
    expect(take()).toEqual(['10-14', '15-19']);
  });

  test('a gap is given up when too many frames wait', () => {
    const { push, take } = stand();
    push(5, 14);
    push(20, 29);
    expect(take()).toEqual([]);
    push(30, 30);
    expect(take()).toEqual(['5-14']);
  });

  test('goes on from where another stood', () => {
    const { push, take } = stand(100);
    expect(push(90, 99)).toBe(false);
    push(100, 104);
    expect(take()).toEqual(['100-104']);
  });

  test('a new run of capture need not be waited for as long', async () => {
    const { clock, push, take } = stand(100);
    push(RUN_SEQUENCES, RUN_SEQUENCES + 4);
    push(RUN_SEQUENCES + 5, RUN_SEQUENCES + 9);
    push(100, 104);
    expect(take()).toEqual(['100-104']);
    await clock.advance(2_000);
    expect(take()).toEqual([
      `${RUN_SEQUENCES}-${RUN_SEQUENCES + 4}`,
      `${RUN_SEQUENCES + 5}-${RUN_SEQUENCES + 9}`,
    ]);
  });
});

describe('whatever the order of arrival', () => {
  interface Arrival extends Placed {
    readonly arrivesMs: number;
  }

  /** Segments one after the other, each delayed on its own; some twice, some never. */
  const arrivals = (maxDelayMs: number) =>
    fc
      .array(
        fc.record({
          size: fc.integer({ min: 1, max: 5 }),
          delayMs: fc.nat(maxDelayMs),
          copies: fc.constantFrom(1, 1, 1, 1, 2, 3),
          isLost: fc.constantFrom(false, false, false, true),
        }),
        { minLength: 1, maxLength: 40 },
      )
      .map((segments) => {
        let first = 0;
        return segments.map(({ size, delayMs, copies, isLost }, index) => {
          const last = first + size - 1;
          const segment = { first, last, copies, isLost, arrivesMs: index * 500 + delayMs };
          first = last + 1;
          return segment;
        });
      });

  /** Feeds them in order of arrival, looking every 100 ms; when each came out. */
  const play = async (segments: readonly Arrival[]) => {
    const clock = new SimClock(0);
    const window = new OrderWindow<Arrival>({
      next: 0,
      maxFrames: MAX_FRAMES,
      maxWaitMs: MAX_WAIT_MS,
      clock,
    });
    const waiting = segments.toSorted((a, b) => a.arrivesMs - b.arrivesMs);
    const released: { readonly segment: Arrival; readonly atMs: number }[] = [];
    while (clock.nowMs() <= 40_000) {
      while (waiting[0] !== undefined && waiting[0].arrivesMs <= clock.nowMs()) {
        window.push(waiting.shift()!);
      }
      for (const segment of window.take()) released.push({ segment, atMs: clock.nowMs() });
      await clock.advance(100);
    }
    return released;
  };

  test('within the bounds, every frame comes once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals(1_500), async (segments) => {
        const all = segments.flatMap((segment) =>
          Array.from({ length: segment.copies }, () => segment),
        );
        const released = await play(all);
        expect(released.map(({ segment }) => segment.first)).toEqual(
          segments.map(({ first }) => first),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('whatever is lost or late: in order, none twice, none held longer than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals(12_000), async (segments) => {
        const arriving = segments
          .filter(({ isLost }) => !isLost)
          .flatMap((segment) => Array.from({ length: segment.copies }, () => segment));
        const released = await play(arriving);
        const order = released.map(({ segment }) => segment.first);
        expect(order).toEqual([...new Set(order)].toSorted((a, b) => a - b));
        for (const { segment, atMs } of released) {
          expect(atMs - segment.arrivesMs).toBeLessThanOrEqual(MAX_WAIT_MS + 100);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('nothing is left out but what came after its turn', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals(12_000), async (segments) => {
        const released = await play(segments);
        const times = new Map(released.map(({ segment, atMs }) => [segment.first, atMs]));
        for (const segment of segments) {
          if (times.has(segment.first)) continue;
          const overtaken = released.some(
            (other) => other.segment.first > segment.first && other.atMs <= segment.arrivesMs + 100,
          );
          expect(overtaken).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
