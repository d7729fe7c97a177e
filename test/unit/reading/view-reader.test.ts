import { describe, expect, test } from 'vitest';

import type { Alert } from '../../../src/core/alert.ts';
import type { ViewEvent } from '../../../src/core/event.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { decodeReading, encodeReading } from '../../../src/reading/reader-state-codec.ts';
import { ScoreReader } from '../../../src/reading/score-reader.ts';
import { VIEW_FIELDS, type ViewField } from '../../../src/view/view-fields.ts';

const DOOR = cameraId('door');
const SIDE = 2;

const valuesOf = (over: Partial<Record<ViewField, number>>): readonly number[] => {
  const normal: Partial<Record<ViewField, number>> = {
    ...{ structured: 0.7, agreement: 1, intact: 0.95, likeness: 0.9, contrast: 0.2 },
    ...{ pairs: 5, difference: 2, frames: 5 },
  };
  return VIEW_FIELDS.map((field) => over[field] ?? normal[field] ?? 0);
};
const NORMAL = valuesOf({});
const COVERED = valuesOf({ lost: 1, lostSmooth: 1, intact: 0, likeness: 0, texture: -5 });

class Stand {
  readonly alerts: Alert[] = [];
  readonly views: ViewEvent[] = [];
  reader = this.open();
  #sequence = 0;

  open(): ScoreReader {
    return new ScoreReader({
      cameraId: DOOR,
      smoothing: 1,
      threshold: undefined,
      ignore: [],
      policy: { hysteresis: 0.8, minDurationMs: 0, cooldownMs: 5_000, updateIntervalMs: 60_000 },
      gapMs: 2_000,
      onFrame: () => undefined,
      onAlert: (alert) => this.alerts.push(alert),
      onView: (event) => this.views.push(event),
    });
  }

  /** A second of five frames each. */
  read(count: number, score: number, view: readonly number[], stay = 0, scene = 'day'): void {
    for (let index = 0; index < count; index++) {
      const first = this.#sequence;
      this.#sequence += 5;
      this.reader.read({
        segmentId: `door-${first}`,
        cameraId: DOOR,
        sceneId: sceneId(scene),
        stamps: Array.from({ length: 5 }, (_, frame) => ({
          sequence: first + frame,
          capturedAtMs: (first + frame) * 200,
          mediaTimeMs: (first + frame) * 200,
        })),
        side: SIDE,
        maps: new Float32Array(5 * SIDE * SIDE).fill(score),
        modelVersion: 'v1',
        threshold: 10,
        stay: { map: Float32Array.of(stay, 0, 0, 0) },
        view,
      });
    }
  }

  get phases(): string[] {
    return this.alerts.map(({ kind, phase }) => `${kind} ${phase}`);
  }
}

describe('while the view is lost', () => {
  test('a verdict is told with one id, and what scores high meanwhile is no alert', () => {
    const stand = new Stand();
    stand.read(5, 1, NORMAL);
    stand.read(20, 50, COVERED, 5);
    stand.read(20, 1, NORMAL);
    expect(stand.alerts).toEqual([]);
    expect(stand.views.map(({ phase, verdict }) => `${phase} ${verdict}`)).toEqual([
      'open covered',
      'close covered',
    ]);
    expect(new Set(stand.views.map(({ id }) => id)).size).toBe(1);
  });

  test('what was open closes, and opens again when it is there afterwards', () => {
    const stand = new Stand();
    stand.read(5, 1, NORMAL, 5);
    stand.read(5, 50, NORMAL, 5);
    expect(stand.phases).toEqual(['change open', 'anomaly open']);
    stand.read(10, 50, COVERED, 5);
    expect(stand.phases.slice(2).sort()).toEqual(['anomaly close', 'change close']);
    stand.read(30, 50, NORMAL, 5);
    expect(stand.phases.slice(4).sort()).toEqual(['anomaly open', 'change open']);
  });

  test('a slow picture of before is not asked for some seconds after', () => {
    const stand = new Stand();
    stand.read(5, 1, NORMAL);
    stand.read(10, 1, COVERED);
    stand.read(6, 1, NORMAL, 5);
    expect(stand.views.at(-1)?.phase).toBe('close');
    expect(stand.alerts).toEqual([]);
  });

  test('a short doubt delays an alert, no more', () => {
    const stand = new Stand();
    stand.read(5, 1, NORMAL);
    stand.read(1, 50, COVERED);
    expect(stand.alerts).toEqual([]);
    stand.read(1, 50, NORMAL);
    expect(stand.phases).toEqual(['anomaly open']);
  });
});

test('another scene closes the verdict', () => {
  const stand = new Stand();
  stand.read(10, 1, COVERED);
  stand.read(1, 1, NORMAL, 0, 'night');
  expect(stand.views.map(({ phase }) => phase)).toEqual(['open', 'close']);
});

test('measures of another version say nothing', () => {
  const stand = new Stand();
  stand.read(10, 50, COVERED.slice(1));
  expect(stand.views).toEqual([]);
  expect(stand.phases).toEqual(['anomaly open']);
});

test('a verdict goes on over a restart, under its id', () => {
  const stand = new Stand();
  stand.read(10, 1, COVERED);
  const bytes = encodeReading({ next: 50, reader: stand.reader.state });
  stand.reader = stand.open();
  const kept = decodeReading(bytes)?.reader;
  if (kept === undefined) throw new Error('the state does not read');
  stand.reader.resume(kept);
  stand.read(20, 1, NORMAL);
  expect(stand.views.map(({ phase }) => phase)).toEqual(['open', 'close']);
  expect(new Set(stand.views.map(({ id }) => id)).size).toBe(1);
});
