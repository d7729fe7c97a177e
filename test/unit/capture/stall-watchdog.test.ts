import { describe, expect, it } from 'vitest';
import { StallWatchdog, type StallVerdict } from '../../../src/capture/stall-watchdog.ts';

const INTERVAL_MS = 500;

const watch = (fps: number | 'all', timeoutMs = 20_000): StallWatchdog =>
  new StallWatchdog({ fps, timeoutMs, checkIntervalMs: INTERVAL_MS, startMs: 0 });

/** Checks at every interval up to `untilMs`; the time of the first check of each verdict. */
const firstOf = (
  dog: StallWatchdog,
  fromMs: number,
  untilMs: number,
): Partial<Record<StallVerdict, number>> => {
  const first: Partial<Record<StallVerdict, number>> = {};
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += INTERVAL_MS) {
    first[dog.check(nowMs)] ??= nowMs;
  }
  return first;
};

describe('StallWatchdog', () => {
  it.each([
    [10, 2_000, 20_000],
    ['all' as const, 2_000, 20_000],
    [0.5, 4_000, 20_000],
    [0.1, 20_000, 30_000],
  ])('at %s frames/s: stalled after %i ms, expired after %i ms', (fps, stalled, expired) => {
    const dog = watch(fps);
    dog.sawFrame(-100);
    dog.sawFrame(0);
    expect(firstOf(dog, 500, 40_000)).toMatchObject({
      ...(stalled < expired ? { stalled } : {}),
      expired,
    });
  });

  it('waits for the first frame up to the time-out, without calling it a stall', () => {
    expect(firstOf(watch(10), 500, 20_000)).toEqual({ ok: 500, expired: 20_000 });
  });

  it('is content again with the next frame', () => {
    const dog = watch(10);
    dog.sawFrame(-100);
    dog.sawFrame(0);
    expect(firstOf(dog, 500, 2_000).stalled).toBe(2_000);
    dog.sawFrame(2_100);
    expect(firstOf(dog, 2_500, 4_000)).toEqual({ ok: 2_500 });
  });

  it('does not count time in which nobody looked', () => {
    const dog = watch(10);
    dog.sawFrame(-100);
    dog.sawFrame(0);
    expect(dog.check(500)).toBe('ok');
    expect(dog.check(600_000)).toBe('unwatched');
    expect(firstOf(dog, 600_500, 640_000)).toEqual({
      ok: 600_500,
      stalled: 601_000,
      expired: 619_000,
    });
  });

  it('does not count time in which the sink held the source back', () => {
    const dog = watch(10);
    dog.sawFrame(-100);
    dog.sawFrame(0);
    dog.hold(0);
    expect(firstOf(dog, 500, 60_000)).toEqual({ ok: 500 });
    dog.release(60_000);
    expect(firstOf(dog, 60_500, 62_000)).toEqual({ ok: 60_500, stalled: 62_000 });
  });

  it('takes the pace of a camera that gives one frame each 5 s, from its first frame on', () => {
    const dog = watch(10);
    const verdicts = new Set<StallVerdict>();
    for (let nowMs = 0; nowMs <= 60_000; nowMs += INTERVAL_MS) {
      if (nowMs % 5_000 === 0) dog.sawFrame(nowMs);
      verdicts.add(dog.check(nowMs));
    }
    expect(verdicts).toEqual(new Set(['ok']));
    expect(firstOf(dog, 60_500, 90_000)).toMatchObject({ stalled: 72_500, expired: 80_000 });
  });

  it('waits for the first key frame of an open stream, whose packets its reader watches over', () => {
    const dog = watch(10);
    dog.opened(1_000);
    expect(firstOf(dog, 500, 100_000)).toEqual({ ok: 500, expired: 91_000 });
    const played = watch(10);
    played.opened(1_000);
    played.sawFrame(30_900);
    played.sawFrame(31_000);
    expect(firstOf(played, 31_000, 60_000).expired).toBe(51_000);
  });

  it('waits for key frames where nothing else is decoded', () => {
    const dog = new StallWatchdog({
      ...{ fps: 10, timeoutMs: 20_000, checkIntervalMs: INTERVAL_MS, startMs: 0 },
      isSparse: true,
    });
    dog.sawFrame(0);
    expect(firstOf(dog, 500, 30_000)).toEqual({ ok: 500 });
  });
});
