import { describe, expect, it } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { plainMedian } from '../../../src/motion/median-kernel.ts';
import { SlowPictures } from '../../../src/stay/slow-pictures.ts';

const frame = new Uint8Array(FRAME_BYTES);
const grey = (level: number): Uint8Array => {
  frame.fill(level);
  return frame;
};

/** Stream times, seconds, of the frames after which a slow picture came. */
const secondsOfPictures = (slow: SlowPictures, timesMs: readonly number[]): number[] =>
  timesMs
    .filter((timeMs) => slow.add(frame, timeMs) !== undefined)
    .map((timeMs) => Math.round(timeMs / 100) / 10);
const timesAt = (fps: number, seconds: number, jitterMs = 0): number[] =>
  Array.from(
    { length: Math.floor(seconds * fps) + 1 },
    (_, index) => (index * 1_000) / fps + (index % 2 === 0 ? jitterMs : -jitterMs),
  );
// The median itself is tested where it lives; a copy of the newest is enough to count pictures.
const cheap: typeof plainMedian = (pictures, target) => {
  target[0] = pictures[0]![0]!;
};

describe('slow pictures', () => {
  it('come once a second from the seventh on', () => {
    const slow = new SlowPictures({ fps: 5, median: cheap });
    expect(secondsOfPictures(slow, timesAt(5, 9.8))).toEqual([6, 7, 8, 9]);
  });

  it.each([29.97, 15, 12.5, 7.5])('do so at %f frames a second and jittered times', (fps) => {
    const slow = new SlowPictures({ fps, median: cheap });
    const seconds = secondsOfPictures(slow, timesAt(fps, 60, 400 / fps));
    expect(seconds[0]).toBeGreaterThan(5.4);
    expect(seconds[0]).toBeLessThan(7);
    for (const [index, second] of seconds.slice(1).entries()) {
      expect(second - seconds[index]!).toBeGreaterThan(0.9);
      expect(second - seconds[index]!).toBeLessThan(1.25);
    }
  });

  it('take every frame of a camera that gives less than one a second', () => {
    const slow = new SlowPictures({ fps: 0.5, median: cheap });
    expect(slow.stepMs).toBe(2_000);
    expect(secondsOfPictures(slow, timesAt(0.5, 18))).toEqual([12, 14, 16, 18]);
  });

  it('show what stays for half of the time and more, and nothing that passes', () => {
    const slow = new SlowPictures({ fps: 1 });
    const seen: number[] = [];
    // Passes in second 7, stays from second 10 on.
    for (let second = 0; second < 15; second++) {
      const picture = slow.add(grey(second === 7 || second >= 10 ? 200 : 50), second * 1_000);
      if (picture !== undefined) seen.push(picture[second]!);
    }
    expect(seen).toEqual([50, 50, 50, 50, 50, 50, 200, 200, 200]);
  });

  it('keep the pixels that they were given, not the memory', () => {
    const slow = new SlowPictures({ fps: 1 });
    for (let second = 0; second < 6; second++) slow.add(grey(second), second * 1_000);
    expect(slow.add(grey(100), 6_000)?.[FRAME_BYTES - 1]).toBe(3);
  });

  it('begin anew after a reset, and where stream time jumps back', () => {
    const slow = new SlowPictures({ fps: 1, median: cheap });
    secondsOfPictures(slow, timesAt(1, 5));
    slow.reset();
    expect(secondsOfPictures(slow, [6_000, 7_000])).toEqual([]);
    expect(secondsOfPictures(slow, timesAt(1, 7))).toEqual([6, 7]);
  });
});
