import { describe, expect, test } from 'vitest';

import type { SceneClip, SceneEvent } from '../../../src/datasets/scene-clip.ts';
import { judgeClip } from '../../../src/evaluation/judge-clip.ts';
import { byKind, poolClips, type ClipFigures } from '../../../src/evaluation/pool-clips.ts';
import type { ToldAlert } from '../../../src/evaluation/told-alert.ts';

const HERE = { x: 0.2, y: 0.2, width: 0.1, height: 0.1 };
const ELSEWHERE = { x: 0.7, y: 0.7, width: 0.1, height: 0.1 };

const event: SceneEvent = { kind: 'left', words: 'a box', fromMs: 10_000, toMs: 20_000, box: HERE };
const clip: SceneClip = {
  id: 'clip',
  group: 'staged',
  path: 'clip.mp4',
  framesPerSecond: 5,
  learn: [],
  learnFramesPerSecond: 5,
  watchFromMs: 0,
  durationMs: 30_000,
  isTimeLapse: false,
  events: [event],
  nuisance: undefined,
  views: [],
};

const alert = (openedMs: number, endMs: number, changes: Partial<ToldAlert> = {}): ToldAlert => ({
  id: `alert-${openedMs}`,
  kind: 'anomaly',
  cue: 'appearance',
  view: undefined,
  openedMs,
  endMs,
  phases: [
    { atMs: openedMs, region: HERE, peak: 1 },
    { atMs: endMs, region: HERE, peak: 1 },
  ],
  ...changes,
});

describe('an event', () => {
  test('is found by an alert in its time and place, and stays told', () => {
    expect(judgeClip(clip, [alert(12_000, 20_500)])).toMatchObject({
      events: [{ found: true, delaySeconds: 2, toldUntilEnd: true }],
      falseAlerts: [],
      quietMs: 30_000,
    });
  });

  test('is not told until its end when the alert closes before', () => {
    expect(judgeClip(clip, [alert(11_000, 15_000)]).events).toMatchObject([
      { found: true, toldUntilEnd: false },
    ]);
    expect(judgeClip(clip, [alert(11_000, 15_000), alert(15_500, 20_000)]).events).toMatchObject([
      { toldUntilEnd: true },
    ]);
  });

  test('found near its end tells nothing of its lasting', () => {
    expect(judgeClip(clip, [alert(19_000, 21_000)]).events).toMatchObject([
      { found: true, toldUntilEnd: null },
    ]);
  });

  test('is not found by an alert elsewhere, which is false', () => {
    const phases = [{ atMs: 12_000, region: ELSEWHERE, peak: 1 }];
    const verdict = judgeClip(clip, [alert(12_000, 14_000, { phases })]);
    expect(verdict.events).toMatchObject([{ found: false, delaySeconds: null }]);
    expect(verdict.falseAlerts).toHaveLength(1);
  });

  test('is not found by what was open before and does not rise', () => {
    expect(judgeClip(clip, [alert(8_000, 15_000)]).events).toMatchObject([{ found: false }]);
    const phases = [
      { atMs: 8_000, region: HERE, peak: 1 },
      { atMs: 12_000, region: HERE, peak: 3 },
    ];
    expect(judgeClip(clip, [alert(8_000, 15_000, { phases })]).events).toMatchObject([
      { found: true, delaySeconds: 2 },
    ]);
  });

  test('whose place is not known leaves no time in which all is false', () => {
    const anywhere = { ...clip, events: [{ ...event, box: undefined }] };
    expect(judgeClip(anywhere, []).quietMs).toBe(20_000);
    expect(judgeClip(anywhere, [alert(2_000, 5_000)]).falseAlerts).toHaveLength(1);
  });
});

test('verdicts on the view are right where they are expected, and wrong elsewhere', () => {
  const view = (name: string): ToldAlert => alert(3_000, 9_000, { kind: 'view', view: name });
  const covered: SceneClip = { ...clip, views: ['covered', 'dark'] };
  expect(judgeClip(covered, [view('dark'), view('covered'), view('moved')])).toMatchObject({
    viewRight: 1,
    viewWrong: 1,
    falseAlerts: [],
  });
  expect(judgeClip(clip, [view('dark')])).toMatchObject({ viewRight: 0, viewWrong: 1 });
});

test('clips together, by kind; those that can’t tell are left out', () => {
  const figures = (isTold: boolean, alerts: readonly ToldAlert[]): ClipFigures => {
    const { events, falseAlerts, viewRight, viewWrong } = judgeClip(clip, alerts);
    return {
      ...{ group: 'staged', events, viewExpected: false, viewRight, viewWrong, isTold },
      ...{ falseAlerts: falseAlerts.length, predictedFalseAlerts: 0.5, hours: 0.25 },
    };
  };
  const clips = [
    figures(true, [alert(12_000, 20_000), alert(1_000, 2_000)]),
    figures(true, []),
    figures(false, [alert(12_000, 20_000)]),
  ];
  expect(byKind(clips)).toEqual({ left: { found: 1, total: 2 } });
  expect(poolClips(clips)).toEqual({
    ...{ events: 2, eventsFound: 1, medianDelaySeconds: 2, toldUntilEnd: 1, lastingEvents: 1 },
    ...{ falseAlerts: 1, predictedFalseAlerts: 1, hours: 0.5 },
    ...{ viewExpected: 0, viewRight: 0, viewWrong: 0, untoldEvents: 1 },
  });
});
