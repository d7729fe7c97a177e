// Taps see what they are to see, and none holds up capture.
import { describe, expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import type { FrameTap, TappedFrame } from '../../../src/core/ports/frame-tap.ts';
import { FrameTaps } from '../../../src/ingest/frame-taps.ts';

const GATE = cameraId('gate');

/** A clock that moves when a tap takes its time. */
class HandClock {
  nowMs = 0;
  monotonicMs(): number {
    return this.nowMs;
  }
}

const frame = (sequence: number, isWatched = true): TappedFrame => ({
  cameraId: GATE,
  sceneId: isWatched ? sceneId('day') : undefined,
  pixels: new Uint8Array(FRAME_BYTES),
  stamp: { sequence, capturedAtMs: sequence * 200, mediaTimeMs: sequence * 200 },
});

const stand = (taps: readonly FrameTap[]) => {
  const clock = new HandClock();
  const counts = new Map<string, number>();
  const meter = {
    ...silentMeter,
    add: (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1),
  };
  return {
    clock,
    counts,
    taps: new FrameTaps({ cameraId: GATE, taps, clock, logger: silentLogger, meter }),
  };
};

const tap = (name: string, changes: Partial<FrameTap> = {}) => {
  const seen: number[] = [];
  const made: FrameTap = {
    name,
    everyMs: 0,
    budgetMs: 1,
    see: ({ stamp }) => {
      seen.push(stamp.sequence);
      return undefined;
    },
    ...changes,
  };
  return { seen, made };
};

describe('frame taps', () => {
  test('see frames in order; one that is left out goes no further', () => {
    const first = tap('first', {
      see: ({ stamp }) => (stamp.sequence === 1 ? 'unchanged' : undefined),
    });
    const second = tap('second');
    const { taps } = stand([first.made, second.made]);
    expect([0, 1, 2].map((sequence) => taps.see(frame(sequence)))).toEqual([
      undefined,
      'unchanged',
      undefined,
    ]);
    expect(second.seen).toEqual([0, 2]);
  });

  test('a frame that is not watched is not left out', () => {
    const first = tap('first', { see: () => 'unchanged' });
    const second = tap('second');
    const { taps } = stand([first.made, second.made]);
    expect(taps.see(frame(0, false))).toBeUndefined();
    expect(second.seen).toEqual([0]);
  });

  test('one that is to see a frame a second sees no more', () => {
    const slow = tap('slow', { everyMs: 1_000 });
    const { clock, taps } = stand([slow.made]);
    for (let sequence = 0; sequence < 20; sequence++) {
      taps.see(frame(sequence));
      clock.nowMs += 200;
    }
    expect(slow.seen).toEqual([0, 5, 10, 15]);
  });

  test('one over its budget misses frames, so that it keeps to it on average; others miss none', () => {
    const good = tap('good');
    const greedy: FrameTap & { seen: number } = {
      ...{ name: 'greedy', everyMs: 0, budgetMs: 1, seen: 0 },
      see() {
        this.seen += 1;
        clock.nowMs += 10;
        return undefined;
      },
    };
    const { clock, counts, taps } = stand([greedy, good.made]);
    for (let sequence = 0; sequence < 1_000; sequence++) taps.see(frame(sequence));
    expect(good.seen).toHaveLength(1_000);
    expect(greedy.seen).toBeLessThan(1_000 / 10 + 20);
    expect(counts.get('patchwatch_tap_skipped_total')).toBe(1_000 - greedy.seen);
  });

  test('one that throws is counted, and the frame goes on', () => {
    const bad = tap('bad', {
      see: () => {
        throw new Error('broken');
      },
    });
    const good = tap('good');
    const { counts, taps } = stand([bad.made, good.made]);
    expect(taps.see(frame(0))).toBeUndefined();
    expect(good.seen).toEqual([0]);
    expect(counts.get('patchwatch_tap_failures_total')).toBe(1);
  });
});
