import { expect, it } from 'vitest';

import { FootageClock } from '../../../src/fitting/footage-clock.ts';

const played = () => {
  let nowMs = 500;
  const footage = new FootageClock({
    gapMs: 1_000,
    clock: { nowMs: () => 0, monotonicMs: () => nowMs, sleep: () => Promise.resolve() },
  });
  return {
    footage,
    at: (ms: number, mediaTimeMs: number): number => {
      nowMs = ms;
      return footage.frame({ capturedAtMs: 0, mediaTimeMs }).mediaTimeMs;
    },
  };
};

it('counts what was played, not the break, and leaves a gap there', () => {
  const { footage, at } = played();
  expect([at(1_000, 0), at(2_000, 1_000)]).toEqual([0, 1_000]);
  footage.break();
  expect(footage.footageMs).toBe(1_000);
  expect([at(60_000, 7), at(60_500, 507)]).toEqual([3_000, 3_500]);
  expect(footage.footageMs).toBe(1_500);
});

it('a clock that is set neither ends nor lengthens the footage', () => {
  const { footage, at } = played();
  at(1_000, 5_000);
  expect(at(1_200, 3_605_000)).toBe(3_605_000);
  expect(at(1_400, 5_000)).toBe(3_607_000);
  expect(at(1_600, 5_200)).toBe(3_607_200);
  expect(footage.footageMs).toBe(600);
});
