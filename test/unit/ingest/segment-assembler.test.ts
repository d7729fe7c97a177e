import { describe, expect, test } from 'vitest';

import { FRAME_BYTES, type FrameStamp, type Segment } from '../../../src/core/frame.ts';
import { cameraId, sceneId, type SceneId } from '../../../src/core/ids.ts';
import { plainMedian, type MedianOfSeven } from '../../../src/motion/median-kernel.ts';
import { PixelPool } from '../../../src/ingest/pixel-pool.ts';
import { SegmentAssembler, segmentFrameCount } from '../../../src/ingest/segment-assembler.ts';
import { FrameTaps } from '../../../src/ingest/frame-taps.ts';
import type { StaticGateOptions } from '../../../src/ingest/static-gate.ts';
import { staticGateTap } from '../../../src/ingest/static-gate-tap.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { SimClock } from '../../support/sim-clock.ts';

const DAY = sceneId('day');
const NIGHT = sceneId('night');

/** Frames that are told apart by their value; 4 frames a segment at 4 fps and 2 s. */
const DOOR = cameraId('door');

class Stand {
  readonly clock = new SimClock(0);
  readonly segments: Segment[] = [];
  readonly shown: { stamp: FrameStamp; value: number }[] = [];
  readonly unchanged: number[] = [];
  readonly damaged: number[] = [];
  captured = 0;
  scene: SceneId | undefined = DAY;
  readonly assembler: SegmentAssembler;

  #lastMs = 0;

  constructor(pool = new PixelPool(0), gate?: StaticGateOptions, median?: MedianOfSeven) {
    this.assembler = new SegmentAssembler({
      cameraId: DOOR,
      runId: 'run',
      fps: 4,
      maxLatencyMs: 2_000,
      pool,
      median,
      clock: this.clock,
      sceneOf: () => this.scene,
      taps: new FrameTaps({
        cameraId: DOOR,
        taps: [
          ...(gate === undefined ? [] : [staticGateTap(gate)]),
          {
            ...{ name: 'shown', everyMs: 0, budgetMs: 1 },
            see: ({ pixels, stamp }) => {
              this.shown.push({ stamp, value: pixels[0]! });
              return undefined;
            },
          },
        ],
        ...{ clock: this.clock, logger: silentLogger, meter: silentMeter },
      }),
      onLeftOut: (reason) => this[reason].push(this.#lastMs),
      onFrame: ({ mediaTimeMs }) => (this.#lastMs = mediaTimeMs),
      onCaptured: (count) => (this.captured += count),
      onSegment: (segment) => this.segments.push(segment),
    });
  }

  frame(value: number, capturedAtMs = this.clock.nowMs()): void {
    this.assembler.reserve().fill(value);
    this.assembler.commit({ capturedAtMs, mediaTimeMs: value });
  }

  frames(...values: number[]): void {
    for (const value of values) this.frame(value);
  }
}

/** The value of each frame in a segment; fails where a frame is not of one value. */
const valuesOf = ({ pixels }: Segment): number[] =>
  Array.from({ length: pixels.length / FRAME_BYTES }, (_, index) => {
    const frame = pixels.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES);
    expect(frame.every((byte) => byte === frame[0])).toBe(true);
    return frame[0]!;
  });

const shapeOf = (segment: Segment) => ({
  values: valuesOf(segment),
  hasContext: segment.hasContext,
  sequences: segment.stamps.map((stamp) => stamp.sequence),
});

test.each([
  { maxLatencyMs: 2_000, fps: 4, count: 4 },
  { maxLatencyMs: 1_000, fps: 5, count: 2 },
  { maxLatencyMs: 100, fps: 1, count: 1 },
  { maxLatencyMs: 60_000, fps: 30, count: 16 },
])('$count frames a segment at $fps fps and $maxLatencyMs ms', ({ maxLatencyMs, fps, count }) => {
  expect(segmentFrameCount(maxLatencyMs, fps)).toBe(count);
});

describe('SegmentAssembler', () => {
  test('full segments, each with the last frame before it', () => {
    const stand = new Stand();
    stand.frames(1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(stand.segments.map(shapeOf)).toEqual([
      { values: [1, 2, 3, 4], hasContext: false, sequences: [0, 1, 2, 3] },
      { values: [4, 5, 6, 7, 8], hasContext: true, sequences: [4, 5, 6, 7] },
    ]);
    expect(
      stand.segments.map(({ id, cameraId: camera, sceneId: scene }) => [id, camera, scene]),
    ).toEqual([
      ['door-run-0', 'door', 'day'],
      ['door-run-4', 'door', 'day'],
    ]);
    expect(stand.captured).toBe(9);
    expect(stand.shown.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('every stamp keeps its times', () => {
    const stand = new Stand();
    stand.frame(7, 100);
    stand.frame(8, 350);
    stand.assembler.flush();
    expect(stand.segments[0]?.stamps).toEqual([
      { sequence: 0, capturedAtMs: 100, mediaTimeMs: 7 },
      { sequence: 1, capturedAtMs: 350, mediaTimeMs: 8 },
    ]);
  });

  test('the place for a frame is the same until it is filled', () => {
    const { assembler } = new Stand();
    const first = assembler.reserve();
    expect(first).toHaveLength(FRAME_BYTES);
    const again = assembler.reserve();
    expect([again.buffer, again.byteOffset]).toEqual([first.buffer, first.byteOffset]);
  });

  test('half the latency is all that frames wait when no more come', async () => {
    const stand = new Stand();
    stand.frames(1, 2);
    await stand.clock.advance(999);
    expect(stand.segments).toEqual([]);
    await stand.clock.advance(1);
    expect(stand.segments.map(shapeOf)).toEqual([
      { values: [1, 2], hasContext: false, sequences: [0, 1] },
    ]);
    stand.frames(3, 4, 5, 6);
    expect(stand.segments.slice(1).map(shapeOf)).toEqual([
      { values: [2, 3, 4, 5, 6], hasContext: true, sequences: [2, 3, 4, 5] },
    ]);
  });

  test('memory in which a frame is being written is not handed on: the segment waits for it', async () => {
    const stand = new Stand();
    stand.frames(1, 2);
    const place = stand.assembler.reserve();
    await stand.clock.advance(1_000);
    expect(stand.segments).toEqual([]);
    place.fill(3);
    stand.assembler.commit({ capturedAtMs: stand.clock.nowMs(), mediaTimeMs: 3 });
    expect(stand.segments.map(shapeOf)).toEqual([
      { values: [1, 2, 3], hasContext: false, sequences: [0, 1, 2] },
    ]);
  });

  test('a reset just before the first frame of a new stream is committed keeps that frame', () => {
    const stand = new Stand();
    stand.frames(1, 2);
    stand.assembler.reserve().fill(3);
    stand.assembler.reset();
    stand.assembler.commit({ capturedAtMs: 0, mediaTimeMs: 3 });
    stand.assembler.flush();
    expect(stand.segments.map(shapeOf)).toEqual([
      { values: [1, 2], hasContext: false, sequences: [0, 1] },
      { values: [3], hasContext: false, sequences: [2] },
    ]);
  });

  test('damaged frames are left out and counted, and nothing is compared across them', () => {
    const stand = new Stand();
    stand.frames(1, 2);
    stand.assembler.reserve().fill(99);
    stand.assembler.leaveOut({ capturedAtMs: 0, mediaTimeMs: 99 }, 'damaged');
    stand.frames(4, 5, 6, 7);
    expect(stand.damaged).toEqual([99]);
    expect(stand.captured).toBe(6);
    expect(stand.segments.map(shapeOf)).toEqual([
      { values: [1, 2], hasContext: false, sequences: [0, 1] },
      { values: [4, 5, 6, 7], hasContext: false, sequences: [2, 3, 4, 5] },
    ]);
  });

  test('damaged frames of a scene that is not watched are not counted', () => {
    const stand = new Stand();
    stand.scene = undefined;
    stand.frame(1);
    stand.assembler.leaveOut({ capturedAtMs: 0, mediaTimeMs: 99 }, 'damaged');
    expect(stand.damaged).toEqual([]);
  });

  test('a full segment leaves no timer behind', () => {
    const stand = new Stand();
    stand.frames(1, 2, 3);
    expect(stand.clock.sleeperCount).toBe(1);
    stand.frame(4);
    expect(stand.clock.sleeperCount).toBe(0);
  });

  test('another scene starts another segment, which has no context', () => {
    const stand = new Stand();
    stand.frames(1, 2);
    stand.scene = NIGHT;
    stand.frames(3, 4, 5, 6);
    expect(stand.segments.map((segment) => [segment.sceneId, shapeOf(segment)])).toEqual([
      [DAY, { values: [1, 2], hasContext: false, sequences: [0, 1] }],
      [NIGHT, { values: [3, 4, 5, 6], hasContext: false, sequences: [2, 3, 4, 5] }],
    ]);
  });

  test('frames of no scene are shown, but neither captured nor scored', () => {
    const stand = new Stand();
    stand.frames(1, 2);
    stand.scene = undefined;
    stand.frames(3, 4);
    stand.scene = DAY;
    stand.frames(5, 6, 7, 8);
    expect(stand.segments.map(shapeOf)).toEqual([
      { values: [1, 2], hasContext: false, sequences: [0, 1] },
      { values: [5, 6, 7, 8], hasContext: false, sequences: [2, 3, 4, 5] },
    ]);
    expect(stand.captured).toBe(6);
    expect(stand.shown.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('a gap in the stream ends the segment and forgets the context', () => {
    const stand = new Stand();
    stand.frame(1, 0);
    stand.frame(2, 2_000);
    stand.frame(3, 4_001);
    stand.assembler.flush();
    expect(stand.segments.map(shapeOf)).toEqual([
      { values: [1, 2], hasContext: false, sequences: [0, 1] },
      { values: [3], hasContext: false, sequences: [2] },
    ]);
  });

  test('a gap between two segments', () => {
    const stand = new Stand();
    stand.frames(1, 2, 3, 4);
    stand.frame(5, stand.clock.nowMs() + 10_000);
    stand.assembler.flush();
    expect(stand.segments.at(-1)).toMatchObject({ hasContext: false });
    expect(valuesOf(stand.segments.at(-1)!)).toEqual([5]);
  });

  test('after a reconnect there is no context, and what was collected goes out', () => {
    const stand = new Stand();
    stand.frames(1, 2);
    stand.assembler.reset();
    stand.frames(3, 4, 5, 6);
    expect(stand.segments.map(shapeOf)).toEqual([
      { values: [1, 2], hasContext: false, sequences: [0, 1] },
      { values: [3, 4, 5, 6], hasContext: false, sequences: [2, 3, 4, 5] },
    ]);
  });

  describe('with a gate', () => {
    const gated = (maxPauseMs = Infinity): Stand =>
      new Stand(new PixelPool(0), { settleMs: 0, maxPauseMs });

    test('frames without change take no place and no number, and the context is what was scored last', () => {
      const stand = gated();
      stand.frames(10, 11, 20, 20, 21, 30, 40, 41, 50, 50, 60, 70, 80);
      expect(stand.segments.map(shapeOf)).toEqual([
        { values: [10, 20, 30, 40], hasContext: false, sequences: [0, 1, 2, 3] },
        { values: [40, 50, 60, 70, 80], hasContext: true, sequences: [4, 5, 6, 7] },
      ]);
      expect(stand.unchanged).toEqual([11, 20, 21, 41, 50]);
      expect(stand.captured).toBe(8);
      expect(stand.shown.map(({ value }) => value)).toEqual([10, 20, 30, 40, 50, 60, 70, 80]);
    });

    test('a pause of the gate is no gap in the stream', () => {
      const stand = gated(1_500);
      for (let index = 0; index <= 12; index++) stand.frame(10, index * 250);
      stand.assembler.flush();
      expect(stand.segments.map(shapeOf)).toEqual([
        { values: [10, 10, 10], hasContext: false, sequences: [0, 1, 2] },
      ]);
      expect(stand.segments[0]?.stamps.map(({ capturedAtMs }) => capturedAtMs)).toEqual([
        0, 1_500, 3_000,
      ]);
    });

    test('after a gap, in another scene and after a reconnect the first frame passes', () => {
      const stand = gated();
      stand.frame(10, 0);
      stand.frame(10, 10_000);
      stand.scene = NIGHT;
      stand.frame(10, 10_100);
      stand.assembler.reset();
      stand.frame(10, 10_200);
      stand.assembler.flush();
      expect(stand.segments.map(shapeOf)).toEqual([
        { values: [10], hasContext: false, sequences: [0] },
        { values: [10], hasContext: false, sequences: [1] },
        { values: [10], hasContext: false, sequences: [2] },
        { values: [10], hasContext: false, sequences: [3] },
      ]);
      expect(stand.unchanged).toEqual([]);
    });
  });

  test('nothing collected, nothing handed on', () => {
    const stand = new Stand();
    stand.assembler.flush();
    stand.assembler.reserve();
    stand.assembler.flush();
    stand.assembler.reset();
    expect(stand.segments).toEqual([]);
  });

  test('memory given back is used again, and what it held is not seen', () => {
    const pool = new PixelPool(4);
    const stand = new Stand(pool);
    stand.frames(1, 2, 3, 4, 5, 6, 7, 8);
    const [first, second] = stand.segments;
    pool.release(first!.pixels);
    stand.frames(9, 10, 11, 12);
    expect(stand.segments[2]!.pixels.buffer).toBe(first!.pixels.buffer);
    expect(valuesOf(stand.segments[2]!)).toEqual([8, 9, 10, 11, 12]);
    expect(valuesOf(second!)).toEqual([4, 5, 6, 7, 8]);
  });
});

describe('slow pictures', () => {
  /** Frames a second apart on the stream's clock, as many as a value each. */
  const playSeconds = (stand: Stand, values: readonly number[], firstMs = 0): void => {
    values.forEach((value, index) => {
      const timeMs = firstMs + 1_000 * index;
      stand.assembler.reserve().fill(value);
      stand.assembler.commit({ capturedAtMs: timeMs, mediaTimeMs: timeMs });
      stand.assembler.flush();
    });
  };
  const stand = (): Stand => new Stand(new PixelPool(0), undefined, plainMedian);
  const slowOf = (segments: readonly Segment[]): (number | undefined)[] =>
    segments.map(({ hasSlow, pixels }) =>
      hasSlow === true ? pixels[pixels.length - FRAME_BYTES] : undefined,
    );

  test('none without a median', () => {
    const plain = new Stand();
    playSeconds(plain, [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(plain.segments.some(({ hasSlow }) => hasSlow === true)).toBe(false);
  });

  test('comes after the frames of the segment in which it was due', () => {
    const one = stand();
    playSeconds(one, [10, 20, 30, 90, 50, 60, 70, 80]);
    expect(slowOf(one.segments)).toEqual([...Array<undefined>(6), 50, 60]);
    const { pixels } = one.segments.at(-1)!;
    expect(pixels.length).toBe(3 * FRAME_BYTES);
    expect([pixels[0], pixels[FRAME_BYTES]]).toEqual([70, 80]);
  });

  test('waits at the end of a segment that is not full', () => {
    const one = stand();
    playSeconds(one, [1, 2, 3, 4, 5, 6]);
    for (const [value, timeMs] of [
      [7, 6_000],
      [99, 6_250],
    ] as const) {
      one.assembler.reserve().fill(value);
      one.assembler.commit({ capturedAtMs: timeMs, mediaTimeMs: timeMs });
    }
    one.assembler.flush();
    const { pixels, stamps } = one.segments.at(-1)!;
    expect(stamps.length).toBe(2);
    const heads = [0, 1, 2, 3].map((frame) => pixels[frame * FRAME_BYTES]);
    expect(heads).toEqual([6, 7, 99, 4]);
  });

  test('begins anew after a gap and with another scene', () => {
    const one = stand();
    playSeconds(one, [1, 2, 3, 4, 5, 6]);
    playSeconds(one, [7, 8], 60_000);
    expect(slowOf(one.segments).every((slow) => slow === undefined)).toBe(true);
    one.scene = NIGHT;
    playSeconds(one, [1, 2, 3, 4, 5, 6], 62_000);
    expect(slowOf(one.segments).every((slow) => slow === undefined)).toBe(true);
    playSeconds(one, [7], 68_000);
    expect(slowOf(one.segments).at(-1)).toBe(4);
  });
});
