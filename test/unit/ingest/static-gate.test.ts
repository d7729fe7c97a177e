import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { AlertTracker } from '../../../src/reading/alert-tracker.ts';
import { StaticGate, gateOptions } from '../../../src/ingest/static-gate.ts';

const STEP_MS = 200;
const GREY = 100;
const TIMING = {
  fps: 5,
  maxLatencyMs: 1_000,
  smoothing: 0.5,
  minDurationMs: 500,
  cooldownMs: 5_000,
};
/** Never a frame but for a change. */
const ONLY_CHANGE = { settleMs: 0, maxPauseMs: Infinity };

const plain = (value = GREY): Uint8Array => new Uint8Array(FRAME_BYTES).fill(value);

/** A square of another brightness, in pixels. */
const withSquare = (frame: Uint8Array, x: number, y: number, side: number, by: number) => {
  const drawn = frame.slice();
  for (let row = y; row < y + side; row++) {
    const from = (row * FRAME_SIDE + x) * 3;
    for (let at = from; at < from + side * 3; at++) drawn[at]! += by;
  }
  return drawn;
};

/** Pixels with the noise of a sensor: the sum of twelve even ones is nearly normal. */
const noisy = (random: () => number, deviation: number, value = GREY): Uint8Array =>
  Uint8Array.from({ length: FRAME_BYTES }, () => {
    let sum = -6;
    for (let index = 0; index < 12; index++) sum += random();
    return Math.round(value + deviation * sum);
  });

/** Indices of the frames that pass. */
const passed = (gate: StaticGate, frames: readonly Uint8Array[], startMs = 0): number[] =>
  frames.flatMap((frame, index) => (gate.passes(frame, startMs + index * STEP_MS) ? [index] : []));

describe('the gate', () => {
  test('a still picture passes until it has settled, then once a second', () => {
    const gate = new StaticGate({ settleMs: 1_000, maxPauseMs: 1_000 });
    const frames = Array.from({ length: 20 }, () => plain());
    expect(passed(gate, frames)).toEqual([0, 1, 2, 3, 4, 9, 14, 19]);
  });

  test('whatever differs passes at once, and what follows until it has settled again', () => {
    const gate = new StaticGate({ settleMs: 400, maxPauseMs: 60_000 });
    const frames = Array.from({ length: 20 }, (_, index) =>
      index === 10 ? withSquare(plain(), 80, 40, 8, 3) : plain(),
    );
    // The square's leaving is a change too.
    expect(passed(gate, frames)).toEqual([0, 1, 10, 11, 12]);
  });

  test('what changes slowly adds up', () => {
    const gate = new StaticGate(ONLY_CHANGE);
    const frames = Array.from({ length: 13 }, (_, index) =>
      withSquare(plain(), 16, 16, 16, Math.floor(index / 2)),
    );
    // 0, 0, 1, 1, 2, 2, 3: the third step is the first that is more than two away.
    expect(passed(gate, frames)).toEqual([0, 6, 12]);
  });

  test('a new start passes, and so does a clock that was set back', () => {
    const gate = new StaticGate(ONLY_CHANGE);
    expect(passed(gate, [plain(), plain()], 10_000)).toEqual([0]);
    expect(passed(gate, [plain(), plain()], 5_000)).toEqual([0]);
    gate.reset();
    expect(passed(gate, [plain(), plain()], 6_000)).toEqual([0]);
  });

  test('a sensor’s noise is no change, and a small thing in it is one', () => {
    const random = seededRandom(1);
    const gate = new StaticGate(ONLY_CHANGE);
    const frames = Array.from({ length: 25 }, () => noisy(random, 2));
    expect(passed(gate, frames)).toEqual([0]);
    const thing = withSquare(noisy(random, 2), 200, 120, 10, 12);
    expect(gate.passes(thing, 100_000)).toBe(true);
  });

  test('a camera noisier than what could be told from a thing is never still', () => {
    const random = seededRandom(2);
    const gate = new StaticGate(ONLY_CHANGE);
    const frames = Array.from({ length: 25 }, () => noisy(random, 8));
    expect(passed(gate, frames)).toHaveLength(25);
  });

  test('whatever comes: no pause beyond its bound, and nothing left out that differs by more than noise', () => {
    const square = fc.record({
      x: fc.nat(FRAME_SIDE / 8 - 1),
      y: fc.nat(FRAME_SIDE / 8 - 1),
      by: fc.integer({ min: 5, max: 100 }),
    });
    // Held for so many frames; undefined is the empty scene.
    const held = fc.tuple(fc.option(square, { nil: undefined }), fc.integer({ min: 1, max: 15 }));
    fc.assert(
      fc.property(fc.array(held, { minLength: 1, maxLength: 6 }), (stretches) => {
        const gate = new StaticGate({ settleMs: 600, maxPauseMs: 1_000 });
        let last = '';
        let lastAtMs = -Infinity;
        let atMs = 0;
        for (const [shown, count] of stretches) {
          const name = JSON.stringify(shown ?? null);
          const frame =
            shown === undefined
              ? plain()
              : withSquare(plain(), 8 * shown.x, 8 * shown.y, 8, shown.by);
          for (let index = 0; index < count; index++) {
            const passes = gate.passes(frame, atMs);
            // Two squares of one place and nearly one brightness are the only ones that look alike.
            if (name !== last && (name === 'null' || last === 'null')) expect(passes).toBe(true);
            if (passes) [last, lastAtMs] = [name, atMs];
            expect(atMs - lastAtMs).toBeLessThan(1_000);
            atMs += STEP_MS;
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('its timing', () => {
  test.each([
    [{}, { settleMs: 1_364, maxPauseMs: 1_000 }],
    [
      { smoothing: 1, minDurationMs: 0 },
      { settleMs: 200, maxPauseMs: 1_000 },
    ],
    [
      { smoothing: 0.1, fps: 10 },
      { settleMs: 3_343, maxPauseMs: 1_000 },
    ],
    [{ cooldownMs: 2_000 }, { settleMs: 1_364, maxPauseMs: 500 }],
    // An alert that closes at the first quiet frame leaves nothing to be left out.
    [{ cooldownMs: 0 }, { settleMs: 1_364, maxPauseMs: 0 }],
    [{ minDurationMs: 3_600_000 }, { settleMs: 5_864, maxPauseMs: 1_000 }],
  ])('%o', (changes, expected) => {
    const { settleMs, maxPauseMs } = gateOptions({ ...TIMING, ...changes });
    expect({ settleMs: Math.round(settleMs), maxPauseMs }).toEqual(expected);
  });

  interface AlertTimes {
    readonly openAtMs: number;
    readonly closeAtMs: number;
  }

  /** A thing that comes, stands still and goes again is unusual for as long as it is there. */
  const alertsOf = (stretches: readonly (readonly [boolean, number])[], isGated: boolean) => {
    const gate = new StaticGate(gateOptions(TIMING));
    const tracker = new AlertTracker(cameraId('door'), {
      ...TIMING,
      hysteresis: 0.9,
      updateIntervalMs: 1_000,
    });
    const alerts: AlertTimes[] = [];
    let openAtMs = 0;
    let atMs = 0;
    for (const [isThere, count] of [...stretches, [false, 60] as const]) {
      const frame = isThere ? withSquare(plain(), 40, 40, 16, 20) : plain();
      for (let index = 0; index < count; index++, atMs += STEP_MS) {
        if (isGated && !gate.passes(frame, atMs)) continue;
        const phases = tracker.observe({
          sceneId: sceneId('day'),
          stamp: { sequence: atMs, capturedAtMs: atMs, mediaTimeMs: atMs },
          score: isThere ? 20 : 1,
          threshold: 10,
          peak: { x: 0, y: 0 },
          cue: 'appearance',
          region: () => ({ x: 0, y: 0, width: 0, height: 0 }),
        });
        for (const { phase } of phases) {
          if (phase === 'open') openAtMs = atMs;
          if (phase === 'close') alerts.push({ openAtMs, closeAtMs: atMs });
        }
      }
    }
    expect(tracker.isOpen).toBe(false);
    return alerts;
  };

  test('the same alerts as without it, opened at the same frame, closed within a second of it', () => {
    const there = fc.tuple(fc.constant(true), fc.integer({ min: 1, max: 80 }));
    // Either well within the cooldown or well beyond: on its edge a second decides.
    const gone = fc.tuple(
      fc.constant(false),
      fc.oneof(fc.integer({ min: 1, max: 18 }), fc.integer({ min: 27, max: 80 })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(gone, there), { minLength: 1, maxLength: 5 }), (visits) => {
        const stretches = visits.flat();
        const expected = alertsOf(stretches, false);
        const gated = alertsOf(stretches, true);
        expect(gated.map(({ openAtMs }) => openAtMs)).toEqual(
          expected.map(({ openAtMs }) => openAtMs),
        );
        gated.forEach(({ closeAtMs }, index) => {
          expect(Math.abs(closeAtMs - expected[index]!.closeAtMs)).toBeLessThanOrEqual(1_000);
        });
      }),
      { numRuns: 60 },
    );
  });
});
