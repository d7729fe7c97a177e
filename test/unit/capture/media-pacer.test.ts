import { expect, it } from 'vitest';
import { MediaPacer } from '../../../src/capture/media-pacer.ts';

/** Frames each 100 ms of media time that arrive in bursts of a segment; when each is due. */
const playBursts = (segmentMs: number, arrivalsMs: readonly number[], speed = 1): number[] => {
  const pacer = new MediaPacer({ longestStepMs: 2_000 });
  let dueMs = 0;
  return arrivalsMs.flatMap((arrivalMs, segment) =>
    Array.from({ length: segmentMs / 100 }, (_, index) => {
      // Whoever waits for one frame reads the next only then.
      dueMs = pacer.dueMs((segment * segmentMs + index * 100) * speed, Math.max(arrivalMs, dueMs));
      return dueMs;
    }),
  );
};

const steps = (due: readonly number[]): number[] =>
  due.slice(1).map((value, index) => Math.round(value - due[index]!));

it('spreads bursts evenly', () => {
  const due = playBursts(6_000, [0, 6_000, 12_000, 18_000]);
  expect(new Set(steps(due))).toEqual(new Set([100]));
});

it('a late segment delays what follows once; the next one as late as it delays nothing', () => {
  const due = playBursts(6_000, [0, 6_000, 13_000, 18_000, 25_000, 30_000]);
  expect(steps(due).filter((step) => step !== 100)).toEqual([1_100]);
});

it('a clock slower than ours is followed, a little with each segment and never in bursts', () => {
  const due = playBursts(6_000, [0, 6_010, 12_020, 18_030, 24_040]);
  expect(Math.min(...steps(due))).toBe(100);
  expect(Math.max(...steps(due))).toBeLessThanOrEqual(110);
});

it('a jump of the media time, either way, is no pace', () => {
  const pacer = new MediaPacer({ longestStepMs: 2_000 });
  expect(pacer.dueMs(0, 1_000)).toBe(1_000);
  expect(pacer.dueMs(100, 1_000)).toBe(1_100);
  expect(pacer.dueMs(60_000, 1_100)).toBe(1_100);
  expect(pacer.dueMs(60_100, 1_100)).toBe(1_200);
  expect(pacer.dueMs(0, 1_200)).toBe(1_200);
  expect(pacer.dueMs(100, 1_200)).toBe(1_300);
});
