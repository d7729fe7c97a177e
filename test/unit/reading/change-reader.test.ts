import { beforeEach, describe, expect, test } from 'vitest';

import type { Alert } from '../../../src/core/alert.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import { ChangeReader, MOST_CHANGES } from '../../../src/reading/change-reader.ts';

const CAMERA = cameraId('door');
const SIDE = 32;

interface Patch {
  readonly column: number;
  readonly row: number;
  readonly score: number;
}

const mapOf = (patches: readonly Patch[]): Float32Array => {
  const map = new Float32Array(SIDE * SIDE);
  for (const { column, row, score } of patches) {
    for (let y = row; y < row + 2; y++) map.fill(score, y * SIDE + column, y * SIDE + column + 2);
  }
  return map;
};

const BOX = { column: 4, row: 6, score: 2 };
const BAG = { column: 20, row: 24, score: 3 };

let alerts: Alert[];
let reader: ChangeReader;
let second: number;

beforeEach(() => {
  alerts = [];
  reader = new ChangeReader(CAMERA, (alert) => alerts.push(alert));
  second = 0;
  isAnomalyOpen = false;
});

let isAnomalyOpen = false;

const seen = (patches: readonly Patch[], map = mapOf(patches), isIgnored?: Uint8Array): void => {
  const timeMs = 1_000 * ++second;
  const stamp = { sequence: 5 * second, capturedAtMs: timeMs, mediaTimeMs: timeMs };
  reader.observe({ sceneId: sceneId('day'), stamp, side: SIDE, map, isIgnored, isAnomalyOpen });
};

const told = (): string[] => alerts.map(({ phase, id }) => `${phase} ${id.split('-').at(-1)}`);

test('is told when two slow pictures agree, with kind, cue and place', () => {
  seen([BOX]);
  expect(alerts).toEqual([]);
  seen([BOX]);
  expect(alerts).toMatchObject([
    {
      ...{ phase: 'open', kind: 'change', cue: 'stay', score: 2, threshold: 1, sequence: 10 },
      region: { x: 4 / SIDE, y: 6 / SIDE, width: 2 / SIDE, height: 2 / SIDE },
    },
  ]);
});

test('stays open for as long as it lies there, and closes when the place looks as before', () => {
  for (let count = 0; count < 600; count++) seen([BOX]);
  expect(alerts.at(-1)?.phase).toBe('update');
  expect(reader.isOpen).toBe(true);
  for (let count = 0; count < 4; count++) seen([]);
  expect(alerts.at(-1)?.phase).toBe('close');
  expect(reader.state).toEqual([]);
});

test('what is covered for a moment is one change', () => {
  for (const patches of [[BOX], [BOX], [], [], [BOX], [BOX]]) seen(patches);
  expect(told()).toEqual(['open c0']);
});

test('what lies there does not hide what is put down beside it', () => {
  for (let count = 0; count < 3; count++) seen([BOX]);
  for (let count = 0; count < 3; count++) seen([BOX, BAG]);
  expect(told()).toEqual(['open c0', 'open c1']);
  for (let count = 0; count < 5; count++) seen([BAG]);
  expect(told().at(-1)).toBe('close c0');
  expect(reader.isOpen).toBe(true);
});

test('no two open changes have one number', () => {
  for (let count = 0; count < 2; count++) seen([BOX, BAG]);
  for (let count = 0; count < 5; count++) seen([BOX]);
  const third = { column: 12, row: 12, score: 1.5 };
  for (let count = 0; count < 2; count++) seen([BOX, third]);
  const ids = alerts.filter(({ phase }) => phase === 'open').map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
});

test('many places at once are bounded', () => {
  const grid = Array.from({ length: 40 }, (_, index) => ({
    column: 4 * (index % 8),
    row: 4 * Math.floor(index / 8),
    score: 2,
  }));
  for (let count = 0; count < 2; count++) seen(grid);
  expect(alerts.length).toBe(MOST_CHANGES);
});

test('most of the picture at once is the view, not a change', () => {
  const map = new Float32Array(SIDE * SIDE).fill(5, 0, SIDE * 12);
  for (let count = 0; count < 5; count++) seen([], map);
  expect(alerts).toEqual([]);
});

test('what lies where nothing counts is not told', () => {
  const isIgnored = new Uint8Array(SIDE * SIDE).fill(1);
  for (let count = 0; count < 3; count++) seen([BOX], mapOf([BOX]), isIgnored);
  expect(alerts).toEqual([]);
});

describe('another reader goes on', () => {
  test('with what is open, from its state as JSON', () => {
    seen([BOX]);
    seen([BOX, BAG]);
    const state = JSON.parse(JSON.stringify(reader.state)) as typeof reader.state;
    reader = new ChangeReader(CAMERA, (alert) => alerts.push(alert));
    reader.resume(state);
    seen([BOX, BAG]);
    expect(told()).toEqual(['open c0', 'open c1']);
    for (let count = 0; count < 4; count++) seen([]);
    expect(told().slice(2).sort()).toEqual(['close c0', 'close c1']);
  });
});

describe('while an anomaly is open', () => {
  test('who stops in it is part of it', () => {
    isAnomalyOpen = true;
    for (let count = 0; count < 8; count++) seen([BOX]);
    for (let count = 0; count < 8; count++) seen([BAG]);
    isAnomalyOpen = false;
    for (let count = 0; count < 4; count++) seen([]);
    expect(alerts).toEqual([]);
  });

  test('what is still there when it closes is told', () => {
    isAnomalyOpen = true;
    for (let count = 0; count < 8; count++) seen([BOX]);
    isAnomalyOpen = false;
    seen([BOX]);
    expect(alerts).toMatchObject([{ phase: 'open', startedAtMs: 1_000, atMs: 9_000 }]);
  });

  test('what stays for long is told all the same', () => {
    isAnomalyOpen = true;
    for (let count = 0; count < 16; count++) seen([BOX]);
    expect(told()).toEqual(['open c0']);
  });
});

test('a short break of the stream does not take away what lies there; a long one does', () => {
  seen([BOX]);
  seen([BOX]);
  reader.expire(30_000);
  expect(told()).toEqual(['open c0']);
  reader.expire(Infinity);
  expect(told()).toEqual(['open c0', 'close c0']);
});
