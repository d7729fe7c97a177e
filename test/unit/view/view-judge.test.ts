import { describe, expect, test } from 'vitest';

import type { ViewVerdict } from '../../../src/core/event.ts';
import { VIEW_FIELDS, type ViewReading } from '../../../src/view/view-fields.ts';
import { ViewJudge } from '../../../src/view/view-judge.ts';

const NORMAL: ViewReading = {
  ...(Object.fromEntries(VIEW_FIELDS.map((field) => [field, 0])) as Record<
    (typeof VIEW_FIELDS)[number],
    number
  >),
  ...{ structured: 0.7, agreement: 1, intact: 0.95, lost: 0.02, likeness: 0.9 },
  ...{ luma: 0.4, contrast: 0.2, lightRatio: 1, pairs: 5, difference: 2, frames: 5 },
};
const with_ = (over: Partial<ViewReading>): ViewReading => ({ ...NORMAL, ...over });

const BLIND = { lost: 1, lostSmooth: 1, intact: 0, agreement: 0, likeness: 0, texture: -5 };
const DARK = with_({ ...BLIND, dark: 1 });
const COVERED = with_({ ...BLIND, texture: -4 });
const SHIFTED = with_({ lost: 0.8, registered: 1, shiftX: 4, shiftY: 2, displacement: 4.5 });
const ELSEWHERE = with_({ lost: 0.9, likeness: 0.1 });
const STILL = with_({ repeats: 5, difference: 0 });
const GREY = with_({ greyFrames: 2, greyShare: 0.1 });

const STEP_MS = 1_000;

class Stand {
  readonly judge = new ViewJudge();
  readonly told: string[] = [];
  #sequence = 0;

  /** A reading a second; tells what is told of them, with the seconds since the first of these. */
  see(count: number, readingOf: ViewReading | ((index: number) => ViewReading)): string[] {
    const told: string[] = [];
    for (let index = 0; index < count; index++) {
      const sequence = this.#sequence++;
      const atMs = sequence * STEP_MS;
      const reading = typeof readingOf === 'function' ? readingOf(index) : readingOf;
      const stamp = { sequence, capturedAtMs: atMs, mediaTimeMs: atMs };
      for (const { phase, verdict } of this.judge.read(reading, stamp)) {
        told.push(`${index} ${phase} ${verdict}`);
      }
    }
    return told;
  }
}

describe('a verdict', () => {
  test.each<[ViewVerdict, ViewReading]>([
    ['dark', DARK],
    ['bright', with_({ ...BLIND, bright: 0.9 })],
    ['covered', COVERED],
    ['covered', with_({ lost: 0.4, lostSmooth: 0.38, likeness: 0.7, intact: 0.5 })],
    ['defocused', with_({ sharpness: -1.5, texture: -1.6, sharpnessSpread: 0.05 })],
    ['moved', SHIFTED],
    ['moved', ELSEWHERE],
    ['damaged', GREY],
  ])('%s is told within five seconds, once, and taken back', (verdict, reading) => {
    const stand = new Stand();
    expect(stand.see(20, NORMAL)).toEqual([]);
    const [opened = '', ...more] = stand.see(60, reading);
    expect(opened).toMatch(new RegExp(`^[0-5] open ${verdict}$`));
    expect(more).toEqual([]);
    const closed = stand.see(20, NORMAL);
    expect(closed).toEqual([expect.stringMatching(new RegExp(`^\\d+ close ${verdict}$`))]);
    expect(stand.judge.isHeld).toBe(false);
  });

  test('frozen is told within thirty seconds, and taken back with the next new picture', () => {
    const stand = new Stand();
    stand.see(5, NORMAL);
    expect(stand.see(40, STILL)).toEqual([expect.stringMatching(/^1\d open frozen$/)]);
    expect(stand.see(10, NORMAL)).toEqual([expect.stringMatching(/^\d close frozen$/)]);
  });

  test('a camera that always repeats its frames for some seconds is not frozen by them', () => {
    const stand = new Stand();
    const slow = with_({ repeats: 5, difference: 0, longestRepeatMs: 5_000 });
    expect(stand.see(20, slow)).toEqual([]);
    expect(stand.see(10, slow)).toEqual([expect.stringMatching(/open frozen$/)]);
  });

  test('a drawn picture that stands still is frozen, not moved', () => {
    const stand = new Stand();
    stand.see(5, NORMAL);
    const card = with_({ lost: 0.9, likeness: 0.1, repeats: 5, difference: 0 });
    expect(stand.see(20, card)).toEqual([expect.stringMatching(/^[0-5] open frozen$/)]);
  });

  test('another one takes its place when the reason is another for long', () => {
    const stand = new Stand();
    stand.see(10, SHIFTED);
    expect(stand.see(10, DARK)).toEqual([
      expect.stringMatching(/^[2-5] close moved$/),
      expect.stringMatching(/^[2-5] open dark$/),
    ]);
  });
});

describe('no verdict', () => {
  test('of a moment', () => {
    const stand = new Stand();
    expect(stand.see(40, (index) => (index % 4 < 2 ? DARK : NORMAL))).toEqual([]);
  });

  test('of a mast that shakes about its place', () => {
    const stand = new Stand();
    const shaken = stand.see(100, (index) => {
      const angle = index * 2.4;
      const [shiftX, shiftY] = [4 * Math.cos(angle), 4 * Math.sin(angle)];
      return with_({ lost: 0.7, registered: 1, shiftX, shiftY, displacement: 4 });
    });
    expect(shaken).toEqual([]);
  });

  test('of light that changes over half an hour', () => {
    const stand = new Stand();
    const dusk = stand.see(1_800, (index) => {
      const share = index / 1_800;
      return with_({ lost: share, likeness: 1 - share, dark: share, texture: -5 * share });
    });
    expect(dusk).toEqual([]);
  });

  test('of one damaged moment', () => {
    const stand = new Stand();
    expect(stand.see(30, (index) => (index === 10 ? GREY : NORMAL))).toEqual([]);
  });
});

test('it holds from the first reading that gives a reason', () => {
  const stand = new Stand();
  stand.see(5, NORMAL);
  expect(stand.judge.isHeld).toBe(false);
  stand.see(1, COVERED);
  expect(stand.judge.isHeld).toBe(true);
  stand.see(1, NORMAL);
  expect(stand.judge.isHeld).toBe(false);
});

test('goes on from its state, written down and read again', () => {
  const first = new Stand();
  const second = new Stand();
  first.see(2, COVERED);
  second.see(2, NORMAL);
  second.judge.resume(JSON.parse(JSON.stringify(first.judge.state)) as typeof first.judge.state);
  expect(second.see(20, COVERED)).toEqual(first.see(20, COVERED));
  expect(second.judge.state).toEqual(first.judge.state);
});
