import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Alert } from '../../../src/core/alert.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { AlertTracker, type AlertPolicy } from '../../../src/reading/alert-tracker.ts';

const THRESHOLD = 10;
const START_MS = 1_700_000_000_000;
const CAMERA = cameraId('door');

const POLICY: AlertPolicy = {
  hysteresis: 0.8,
  minDurationMs: 1_000,
  cooldownMs: 3_000,
  updateIntervalMs: 5_000,
};

interface Frame {
  readonly atMs: number;
  readonly score: number;
}

const observe = (tracker: AlertTracker, { atMs, score }: Frame, sequence: number) =>
  tracker.observe({
    sceneId: sceneId('day'),
    stamp: { sequence, capturedAtMs: START_MS + atMs, mediaTimeMs: atMs },
    score,
    threshold: THRESHOLD,
    peak: { x: score / 100, y: 0 },
    cue: 'appearance',
    region: () => ({ x: score / 100, y: 0, width: 0.1, height: 0.1 }),
  });

/** The phases that scores cause, one frame every `stepMs`: `phase@ms`. */
const phasesOf = (scores: readonly number[], policy: Partial<AlertPolicy> = {}, stepMs = 500) => {
  const tracker = new AlertTracker(CAMERA, { ...POLICY, ...policy });
  return scores.flatMap((score, index) =>
    observe(tracker, { atMs: index * stepMs, score }, index).map(
      ({ phase, atMs }) => `${phase}@${atMs - START_MS}`,
    ),
  );
};

const times = (count: number, score: number): number[] =>
  Array.from({ length: count }, () => score);

describe('opening', () => {
  test('when the score stayed high for long enough', () => {
    expect(phasesOf([0, 10, 10, 10, 10])).toEqual(['open@1500']);
  });

  test('not for less than the minimum duration', () => {
    expect(phasesOf([0, 99, 99, 0, 99, 99, 0])).toEqual([]);
  });

  test('at once without a minimum duration', () => {
    expect(phasesOf([0, 10], { minDurationMs: 0 })).toEqual(['open@500']);
  });

  test('exactly at the threshold, never below', () => {
    expect(phasesOf(times(20, 9.99))).toEqual([]);
    expect(phasesOf(times(3, 10))).toEqual(['open@1000']);
  });

  test('a score that trembles about the threshold is one alert', () => {
    expect(phasesOf([10, 8, 10, 8, 10, 8])).toEqual(['open@1000']);
    expect(phasesOf([10, 8, 7.9, 8, 8, 8])).toEqual([]);
  });
});

describe('updating', () => {
  test('at the interval while open', () => {
    expect(phasesOf(times(24, 10))).toEqual(['open@1000', 'update@6000', 'update@11000']);
  });

  test('at once when the peak grew by a quarter', () => {
    expect(phasesOf([10, 10, 10, 12.4, 12.5, 12.5, 15])).toEqual(['open@1000', 'update@2000']);
    expect(phasesOf([10, 10, 10, 12.5, 15.7])).toEqual(['open@1000', 'update@1500', 'update@2000']);
  });
});

describe('closing', () => {
  test('after the cooldown', () => {
    expect(phasesOf([10, 10, 10, ...times(8, 0)])).toEqual(['open@1000', 'close@4000']);
  });

  test('another high frame within the cooldown keeps it open', () => {
    const scores = [10, 10, 10, ...times(5, 0), 8, ...times(5, 0), 8, ...times(7, 0)];
    expect(phasesOf(scores, { updateIntervalMs: 1e9 })).toEqual(['open@1000', 'close@10000']);
  });

  test('a camera that fell silent: when the cooldown has passed, once', () => {
    const tracker = new AlertTracker(CAMERA, POLICY);
    [0, 1, 2].forEach((index) => observe(tracker, { atMs: index * 500, score: 10 }, index));
    expect(tracker.isOpen).toBe(true);
    expect(tracker.expire(2_999)).toEqual([]);
    expect(tracker.expire(3_000)).toMatchObject([{ phase: 'close', sequence: 2 }]);
    expect(tracker.isOpen).toBe(false);
    expect(tracker.expire(9_000)).toEqual([]);
  });

  test('unconditionally, at the end of the daemon', () => {
    const tracker = new AlertTracker(CAMERA, { ...POLICY, minDurationMs: 0 });
    observe(tracker, { atMs: 0, score: 10 }, 0);
    expect(tracker.expire(Infinity)).toMatchObject([{ phase: 'close' }]);
  });
});

describe('when the wall clock is set meanwhile', () => {
  /** Frames every 500 ms; the wall clock jumps by so much before the frame `at`. */
  const phasesWithJump = (scores: readonly number[], at: number, jumpMs: number): string[] => {
    const tracker = new AlertTracker(CAMERA, POLICY);
    return scores.flatMap((score, index) => {
      const capturedAtMs = START_MS + index * 500 + (index >= at ? jumpMs : 0);
      const stamp = { sequence: index, capturedAtMs, mediaTimeMs: 0, steadyMs: index * 500 };
      const facts = { threshold: THRESHOLD, sceneId: sceneId('day'), peak: { x: 0, y: 0 } };
      const region = () => ({ x: 0, y: 0, width: 1, height: 1 });
      return tracker
        .observe({ ...facts, score, cue: 'appearance', stamp, region })
        .map(({ phase, sequence }) => `${phase}@${sequence}`);
    });
  };
  const scores = [10, 10, 10, 0, 0, 10, 10, ...times(7, 0)];

  test.each([3_600_000, -3_600_000, 86_400_000])(
    'by %i ms, an alert goes on as it was',
    (jumpMs) => {
      const undisturbed = phasesWithJump(scores, 0, 0);
      expect(undisturbed).toEqual(['open@2', 'close@12']);
      for (let at = 0; at < scores.length; at++) {
        expect(phasesWithJump(scores, at, jumpMs)).toEqual(undisturbed);
      }
    },
  );
});

test('another tracker goes on from its state', () => {
  const scores = [0, 10, 10, 10, 12, 30, 0, 9, 0, 0, 0, 0, 0, 0, 10, 10, 10];
  const play = (restartAt: number): Alert[] => {
    let tracker = new AlertTracker(CAMERA, POLICY);
    return scores.flatMap((score, index) => {
      if (index === restartAt) {
        const { state } = tracker;
        tracker = new AlertTracker(CAMERA, POLICY);
        tracker.resume(JSON.parse(JSON.stringify(state)) as typeof state);
      }
      return observe(tracker, { atMs: index * 500, score }, index);
    });
  };
  const undisturbed = play(-1);
  expect(undisturbed.map(({ phase }) => phase)).toContain('close');
  for (let at = 0; at < scores.length; at++) expect(play(at)).toEqual(undisturbed);
});

test('what an alert says', () => {
  const tracker = new AlertTracker(CAMERA, POLICY);
  const scores = [12, 30, 9];
  const alerts = scores.flatMap((score, index) =>
    observe(tracker, { atMs: index * 500, score }, index),
  );
  expect(alerts).toEqual([
    {
      id: alerts[0]?.id,
      kind: 'anomaly',
      cue: 'appearance',
      phase: 'open',
      cameraId: CAMERA,
      sceneId: 'day',
      startedAtMs: START_MS,
      atMs: START_MS + 1_000,
      sequence: 2,
      mediaTimeMs: 1_000,
      score: 9,
      peakScore: 30,
      threshold: THRESHOLD,
      peak: { x: 0.3, y: 0 },
      region: { x: 0.3, y: 0, width: 0.1, height: 0.1 },
    },
  ]);
});

test('ids sort by the time they opened', () => {
  const tracker = new AlertTracker(CAMERA, { ...POLICY, minDurationMs: 0 });
  const ids = [0, 10_000, 1_000_000, 50_000_000_000].flatMap((atMs, index) => {
    const [alert] = observe(tracker, { atMs, score: 10 }, index);
    tracker.expire(Infinity);
    return alert!.id;
  });
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(4);
});

describe('whatever the scores', () => {
  const policy: fc.Arbitrary<AlertPolicy> = fc.record({
    hysteresis: fc.double({ min: 0.1, max: 1, noNaN: true }),
    minDurationMs: fc.integer({ min: 0, max: 3_000 }),
    cooldownMs: fc.integer({ min: 1, max: 3_000 }),
    updateIntervalMs: fc.integer({ min: 1, max: 5_000 }),
  });
  const footage = fc
    .array(fc.record({ stepMs: fc.integer({ min: 1, max: 1_500 }), score: fc.nat(20) }), {
      minLength: 1,
      maxLength: 60,
    })
    .map((steps) => {
      let atMs = 0;
      return steps.map(({ stepMs, score }): Frame => ({ atMs: (atMs += stepMs), score }));
    });

  /** All alerts of the footage, closed at its end; `isOpen` must tell the same at every frame. */
  const play = (frames: readonly Frame[], given: AlertPolicy): Alert[] => {
    const tracker = new AlertTracker(CAMERA, given);
    const alerts: Alert[] = [];
    frames.forEach((frame, index) => {
      alerts.push(...observe(tracker, frame, index));
      expect(tracker.isOpen).toBe(alerts.length > 0 && alerts.at(-1)?.phase !== 'close');
    });
    alerts.push(...tracker.expire(Infinity));
    return alerts;
  };

  const scoresWithin = (frames: readonly Frame[], fromMs: number, toMs: number): number[] =>
    frames
      .filter(({ atMs }) => START_MS + atMs >= fromMs && START_MS + atMs <= toMs)
      .map(({ score }) => score);

  test('at most one alert is open, and each is opened and closed once, under one id', () => {
    fc.assert(
      fc.property(footage, policy, (frames, given) => {
        let open: string | undefined;
        const seen = new Set<string>();
        for (const { id, phase } of play(frames, given)) {
          if (phase === 'open') {
            expect(open).toBeUndefined();
            expect(seen.has(id)).toBe(false);
            seen.add(id);
            open = id;
          } else {
            expect(id).toBe(open);
            if (phase === 'close') open = undefined;
          }
        }
        expect(open).toBeUndefined();
      }),
    );
  });

  test('none opens before its scores were high for the minimum duration', () => {
    fc.assert(
      fc.property(footage, policy, (frames, given) => {
        for (const { phase, startedAtMs, atMs } of play(frames, given)) {
          if (phase !== 'open') continue;
          expect(atMs - startedAtMs).toBeGreaterThanOrEqual(given.minDurationMs);
          const scores = scoresWithin(frames, startedAtMs, atMs);
          expect(scores[0]).toBeGreaterThanOrEqual(THRESHOLD);
          expect(Math.min(...scores)).toBeGreaterThanOrEqual(THRESHOLD * given.hysteresis);
        }
      }),
    );
  });

  test('none closes before the scores were low for the cooldown, nor later', () => {
    fc.assert(
      fc.property(footage, policy, (frames, given) => {
        const end = START_MS + frames.at(-1)!.atMs;
        for (const { phase, startedAtMs, atMs } of play(frames, given)) {
          if (phase !== 'close' || atMs === end) continue;
          const low = scoresWithin(frames, atMs - given.cooldownMs + 1, atMs);
          expect(Math.max(...low)).toBeLessThan(THRESHOLD * given.hysteresis);
          const before = frames.filter((frame) => START_MS + frame.atMs < atMs).at(-1)!;
          const recent = START_MS + before.atMs - given.cooldownMs;
          const high = frames.filter(
            (frame) =>
              START_MS + frame.atMs >= startedAtMs &&
              frame.atMs <= before.atMs &&
              frame.score >= THRESHOLD * given.hysteresis,
          );
          expect(START_MS + high.at(-1)!.atMs).toBeGreaterThan(recent);
        }
      }),
    );
  });

  test('the peak is the highest score since the start', () => {
    fc.assert(
      fc.property(footage, policy, (frames, given) => {
        for (const { startedAtMs, atMs, peakScore, peak } of play(frames, given)) {
          expect(peakScore).toBe(Math.max(...scoresWithin(frames, startedAtMs, atMs)));
          expect(peak.x).toBe(peakScore / 100);
        }
      }),
    );
  });

  test('no score that reaches the threshold for long enough is missed', () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 500 }), (given, stepMs) => {
        const frames = Array.from(
          { length: 20 + Math.ceil(given.minDurationMs / stepMs) },
          (_, at) => ({
            atMs: at * stepMs,
            score: THRESHOLD,
          }),
        );
        expect(play(frames, given).filter(({ phase }) => phase === 'open')).toHaveLength(1);
      }),
    );
  });
});
