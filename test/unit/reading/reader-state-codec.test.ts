import { expect, test } from 'vitest';

import { cameraId, sceneId } from '../../../src/core/ids.ts';
import type { SegmentScore } from '../../../src/core/segment-score.ts';
import { decodeReading, encodeReading } from '../../../src/reading/reader-state-codec.ts';
import { ScoreReader, type ScoredFrame } from '../../../src/reading/score-reader.ts';

const DOOR = cameraId('door');
const SIDE = 3;

const segment = (first: number, value: (cell: number) => number): SegmentScore => ({
  segmentId: `door-${first}`,
  cameraId: DOOR,
  sceneId: sceneId('day'),
  stamps: [first, first + 1].map((sequence) => ({
    sequence,
    capturedAtMs: 1_700_000_000_000 + sequence * 200,
    mediaTimeMs: sequence * 200,
    steadyMs: sequence * 200.5,
  })),
  side: SIDE,
  maps: Float32Array.from({ length: 2 * SIDE * SIDE }, (_, cell) => value(cell)),
  modelVersion: 'v1',
  threshold: 5,
});

const SEGMENTS = Array.from({ length: 20 }, (_, index) =>
  segment(2 * index, (cell) => (index % 7 < 3 ? 7 : 1) + Math.abs(Math.sin(index * 7 + cell))),
);

/** Everything that comes of the segments when the reader is replaced by another after each of `restarts`. */
const play = (restarts: ReadonlySet<number>): readonly string[] => {
  const told: string[] = [];
  const open = (): ScoreReader =>
    new ScoreReader({
      cameraId: DOOR,
      smoothing: 0.3,
      threshold: undefined,
      ignore: [],
      policy: { hysteresis: 0.9, minDurationMs: 300, cooldownMs: 600, updateIntervalMs: 500 },
      gapMs: 2_000,
      onFrame: ({ stamp, score }: ScoredFrame) => told.push(`${stamp.sequence} ${score}`),
      onAlert: (alert) => told.push(JSON.stringify(alert)),
    });
  let reader = open();
  SEGMENTS.forEach((one, index) => {
    reader.read(one);
    if (!restarts.has(index)) return;
    const bytes = encodeReading({ next: 2 * index + 2, reader: reader.state });
    const kept = decodeReading(new Uint8Array([0, ...bytes]).subarray(1));
    expect(kept?.next).toBe(2 * index + 2);
    reader = open();
    if (kept?.reader !== undefined) reader.resume(kept.reader);
    reader.read(one); // told again after a crash
  });
  return told;
};

test('a reader that goes on from the bytes of another tells what that would have told', () => {
  const undisturbed = play(new Set());
  expect(undisturbed.filter((line) => line.includes('"open"')).length).toBeGreaterThan(1);
  expect(play(new Set(SEGMENTS.keys()))).toEqual(undisturbed);
  expect(play(new Set([0, 7]))).toEqual(undisturbed);
});

test('a camera that was never read', () => {
  expect(decodeReading(encodeReading({ next: 7, reader: undefined }))).toEqual({
    next: 7,
    reader: undefined,
  });
});

test.each([
  ['nothing', new Uint8Array(0)],
  ['a length beyond the end', Uint8Array.from([255, 255, 255, 255, 1])],
  ['no JSON', Uint8Array.from([2, 0, 0, 0, 65, 65])],
  ['another format', new Uint8Array(Buffer.from('\x0c\0\0\0{"format":9}', 'latin1'))],
])('%s is no state', (_what, bytes) => {
  expect(decodeReading(bytes)).toBeUndefined();
});

test('a map that was cut off is no state', () => {
  const reader = new ScoreReader({
    cameraId: DOOR,
    smoothing: 0.3,
    threshold: undefined,
    ignore: [],
    policy: { hysteresis: 1, minDurationMs: 0, cooldownMs: 1, updateIntervalMs: 1 },
    gapMs: 2_000,
    onFrame: () => undefined,
    onAlert: () => undefined,
  });
  reader.read(segment(0, () => 1));
  const bytes = encodeReading({ next: 2, reader: reader.state });
  expect(decodeReading(bytes.subarray(0, -4))).toBeUndefined();
});
