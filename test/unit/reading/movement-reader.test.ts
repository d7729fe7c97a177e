import { expect, test } from 'vitest';

import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { encodeMovement } from '../../../src/movement/movement-measures.ts';
import { REGION_COUNT } from '../../../src/movement/regions.ts';
import type { Polygon } from '../../../src/core/ignore-mask.ts';
import { decodeReading, encodeReading } from '../../../src/reading/reader-state-codec.ts';
import { ScoreReader } from '../../../src/reading/score-reader.ts';

const DOOR = cameraId('door');
const DAY = sceneId('day');
const LIMIT_MS = 5_000;

/** A second: region 0 moves or does not, region 63 goes the wrong way or nowhere. */
const movement = (isMoving: boolean, isWrong: boolean): readonly number[] => {
  const shares = new Float64Array(REGION_COUNT);
  if (isMoving) shares[0] = 0.5;
  const odds = new Float64Array(REGION_COUNT).fill(NaN);
  if (isWrong) odds[63] = 2;
  // The first span's limit of the first region.
  const limits = [{ place: 0, value: Math.log(0.5) - LIMIT_MS / 1_500 }];
  return encodeMovement({ shares, odds, stepCount: 1, directionThreshold: 2.5, limits });
};

const play = (
  seconds: readonly (readonly [isMoving: boolean, isWrong: boolean])[],
  restarts: ReadonlySet<number> = new Set(),
  ignore: readonly Polygon[] = [],
): readonly string[] => {
  const told: string[] = [];
  const open = (): ScoreReader =>
    new ScoreReader({
      cameraId: DOOR,
      smoothing: 1,
      threshold: undefined,
      ignore,
      policy: { hysteresis: 0.8, minDurationMs: 0, cooldownMs: 1_000, updateIntervalMs: 60_000 },
      gapMs: 2_000,
      onFrame: () => undefined,
      onAlert: ({ phase, cue, kind, id, mediaTimeMs, region }) => {
        expect(kind).toBe('anomaly');
        expect(id.endsWith(cue === 'absence' ? '-a' : '-d')).toBe(true);
        if (phase !== 'update') told.push(`${phase} ${cue} ${mediaTimeMs / 1_000} ${region.x}`);
      },
    });
  let reader = open();
  seconds.forEach(([isMoving, isWrong], second) => {
    const ms = second * 1_000;
    reader.read({
      segmentId: `door-${second}`,
      cameraId: DOOR,
      sceneId: DAY,
      stamps: [{ sequence: second, capturedAtMs: ms, mediaTimeMs: ms }],
      side: 1,
      maps: new Float32Array(1),
      modelVersion: 'v1',
      threshold: 5,
      movement: movement(isMoving, isWrong),
    });
    if (!restarts.has(second)) return;
    const kept = decodeReading(encodeReading({ next: second + 1, reader: reader.state }));
    reader = open();
    if (kept?.reader !== undefined) reader.resume(kept.reader);
  });
  reader.expire(Infinity);
  return told;
};

const times = <T>(count: number, value: T): readonly T[] =>
  Array.from({ length: count }, () => value);

const FOOTAGE = [
  ...times(10, [true, false] as const),
  ...times(12, [false, false] as const),
  ...times(8, [true, false] as const),
  ...times(3, [true, true] as const),
  ...times(8, [true, false] as const),
];

test('a stop is told until it moves again, a wrong way while it lasts', () => {
  const told = play(FOOTAGE);
  expect(told.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'open absence',
    'close absence',
    'open direction',
    'close direction',
  ]);
  const seconds = told.map((line) => Number(line.split(' ')[2]));
  expect(seconds[0]).toBeGreaterThanOrEqual(14);
  expect(seconds[0]).toBeLessThanOrEqual(18);
  expect(seconds[1]).toBeLessThanOrEqual(27);
  expect(seconds[2]).toBeGreaterThanOrEqual(30);
  expect(seconds[2]).toBeLessThanOrEqual(32);
});

test('usual movement tells nothing', () => {
  expect(play(times(40, [true, false] as const))).toEqual([]);
});

test('a reader that goes on from the bytes of another tells what that would have told', () => {
  expect(play(FOOTAGE, new Set([5, 12, 16, 25, 31]))).toEqual(play(FOOTAGE));
});

test('what is ignored is neither missed nor followed', () => {
  const everything = [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 0, y: 1 },
  ];
  expect(play(FOOTAGE, new Set(), [everything])).toEqual([]);
});
