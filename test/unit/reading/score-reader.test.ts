import { describe, expect, test } from 'vitest';

import type { Alert } from '../../../src/core/alert.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import type { SegmentScore } from '../../../src/core/segment-score.ts';
import { ScoreReader, type ScoreReaderOptions } from '../../../src/reading/score-reader.ts';

const START_MS = 1_700_000_000_000;

interface Seen {
  readonly sequence: number;
  readonly score: number;
  readonly map: readonly number[];
  readonly threshold: number;
}

class Stand {
  readonly frames: Seen[] = [];
  readonly alerts: Alert[] = [];
  readonly reader: ScoreReader;

  constructor(options: Partial<ScoreReaderOptions> = {}) {
    this.reader = new ScoreReader({
      cameraId: cameraId('door'),
      smoothing: 1,
      threshold: undefined,
      ignore: [],
      policy: { hysteresis: 0.8, minDurationMs: 0, cooldownMs: 1_000, updateIntervalMs: 60_000 },
      gapMs: 2_000,
      onFrame: ({ stamp, score, map, threshold }) =>
        this.frames.push({ sequence: stamp.sequence, score, map: [...map], threshold }),
      onAlert: (alert) => this.alerts.push(alert),
      ...options,
    });
  }

  /** A segment of 2 × 2 maps, a frame every 100 ms. */
  read(
    first: number,
    maps: readonly (readonly number[])[],
    over: Partial<SegmentScore> = {},
  ): void {
    this.reader.read({
      segmentId: `door-${first}`,
      cameraId: cameraId('door'),
      sceneId: sceneId('day'),
      stamps: maps.map((_, index) => ({
        sequence: first + index,
        capturedAtMs: START_MS + (first + index) * 100,
        mediaTimeMs: (first + index) * 100,
      })),
      side: 2,
      maps: Float32Array.from(maps.flat()),
      modelVersion: 'v1',
      threshold: 10,
      ...over,
    });
  }

  get scores(): number[] {
    return this.frames.map(({ score }) => score);
  }

  get phases(): string[] {
    return this.alerts.map(({ phase, sequence }) => `${phase}@${sequence}`);
  }
}

describe('ScoreReader', () => {
  test('every frame’s score is the maximum of its map', () => {
    const stand = new Stand();
    stand.read(0, [
      [1, 2, 3, 4],
      [9, 0, 0, 0],
    ]);
    expect(stand.frames).toEqual([
      { sequence: 0, score: 4, map: [1, 2, 3, 4], threshold: 10 },
      { sequence: 1, score: 9, map: [9, 0, 0, 0], threshold: 10 },
    ]);
  });

  test('smoothing goes on over segments', () => {
    const stand = new Stand({ smoothing: 0.5 });
    stand.read(0, [[8, 0, 0, 0]]);
    stand.read(1, [[0, 0, 0, 0]]);
    stand.read(2, [[0, 0, 0, 6]]);
    stand.read(3, [[0, 0, 0, 6]]);
    expect(stand.frames.map(({ map }) => map)).toEqual([
      [8, 0, 0, 0],
      [4, 0, 0, 0],
      [2, 0, 0, 1.5],
      [1, 0, 0, 3.75],
    ]);
  });

  test('it starts anew after a gap and in another scene', () => {
    const stand = new Stand({ smoothing: 0.5 });
    stand.read(0, [[8, 0, 0, 0]]);
    stand.read(20, [[0, 0, 0, 0]]);
    stand.read(41, [[6, 0, 0, 0]]);
    stand.read(42, [[2, 0, 0, 0]], { sceneId: sceneId('night') });
    expect(stand.scores).toEqual([8, 4, 6, 2]);
  });

  test('a segment seen before, or overtaken by a later one, changes nothing', () => {
    const stand = new Stand({ smoothing: 0.5 });
    stand.read(4, [[8, 0, 0, 0]]);
    stand.read(4, [[99, 0, 0, 0]]);
    stand.read(2, [[99, 0, 0, 0]]);
    stand.read(5, [[4, 0, 0, 0]]);
    expect(stand.frames.map(({ sequence, score }) => [sequence, score])).toEqual([
      [4, 8],
      [5, 6],
    ]);
    expect(stand.alerts).toEqual([]);
  });

  test('ignored cells make neither score nor alert', () => {
    const leftHalf = [
      { x: 0, y: 0 },
      { x: 0.5, y: 0 },
      { x: 0.5, y: 1 },
      { x: 0, y: 1 },
    ];
    const stand = new Stand({ ignore: [leftHalf] });
    stand.read(0, [[99, 1, 99, 2]]);
    expect(stand.scores).toEqual([2]);
    expect(stand.alerts).toEqual([]);
  });

  test('with everything ignored there is no score, and no alert', () => {
    const all = [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 1 },
      { x: 0, y: 1 },
    ];
    const stand = new Stand({ ignore: [all] });
    stand.read(0, [[99, 99, 99, 99]]);
    expect(stand.scores).toEqual([-Infinity]);
    expect(stand.alerts).toEqual([]);
  });

  test('an alert: where it is, what the model was, and its end', () => {
    const stand = new Stand();
    stand.read(0, [[0, 0, 12, 11]]);
    expect(stand.reader.isAlertOpen).toBe(true);
    expect(stand.alerts).toMatchObject([
      {
        phase: 'open',
        cameraId: 'door',
        sceneId: 'day',
        score: 12,
        threshold: 10,
        peak: { x: 0.25, y: 0.75 },
        region: { x: 0, y: 0.5, width: 1, height: 0.5 },
      },
    ]);
    stand.reader.expire(999);
    expect(stand.phases).toEqual(['open@0']);
    stand.reader.expire(1_000);
    expect(stand.phases).toEqual(['open@0', 'close@0']);
    expect(stand.reader.isAlertOpen).toBe(false);
  });

  test('a threshold of the configuration stands before the model’s', () => {
    const stand = new Stand({ threshold: 20 });
    stand.read(0, [[15, 0, 0, 0]]);
    stand.read(1, [[20, 0, 0, 0]]);
    expect(stand.frames.map(({ threshold }) => threshold)).toEqual([20, 20]);
    expect(stand.phases).toEqual(['open@1']);
  });

  test('a model of another map size is followed', () => {
    const stand = new Stand({ smoothing: 0.5 });
    stand.read(0, [[8, 0, 0, 0]]);
    stand.read(1, [[3, ...Array.from({ length: 8 }, () => 1)]], { side: 3 });
    expect(stand.scores).toEqual([8, 3]);
  });
});
