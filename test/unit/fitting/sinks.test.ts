import { describe, expect, test } from 'vitest';

import { deferred } from '../../../src/core/deferred.ts';
import { FRAME_BYTES } from '../../../src/core/frame.ts';
import type { FrameSink } from '../../../src/core/ports/frame-source.ts';
import { BatchSink } from '../../../src/fitting/batch-sink.ts';
import { FilterSink } from '../../../src/fitting/filter-sink.ts';

const time = (value: number) => ({ capturedAtMs: 1_000 + value, mediaTimeMs: value });

const write = async (sink: FrameSink, ...values: number[]): Promise<void> => {
  for (const value of values) {
    sink.reserve().fill(value);
    await sink.commit(time(value));
  }
};

interface Batch {
  readonly context: number | undefined;
  readonly frames: readonly number[];
}

/** Collects each batch as the values of its frames. */
const collecting = (batchFrames: number) => {
  const batches: Batch[] = [];
  const sink = new BatchSink({
    batchFrames,
    gapMs: 10,
    handle: ({ pixels, hasContext, times }) => {
      const values = Array.from({ length: pixels.length / FRAME_BYTES }, (_, index) => {
        const frame = pixels.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES);
        expect(frame[0]).toBe(frame.at(-1));
        return frame[0]!;
      });
      const context = hasContext ? values.shift() : undefined;
      expect(times.map(({ mediaTimeMs }) => mediaTimeMs)).toEqual(values);
      batches.push({ context, frames: values });
      return Promise.resolve();
    },
  });
  return { sink, batches };
};

describe('BatchSink', () => {
  test('whole batches, then what is left, each with the frame before it', async () => {
    const { sink, batches } = collecting(3);
    await write(sink, 1, 2, 3, 4, 5, 6, 7);
    expect(batches).toEqual([
      { context: undefined, frames: [1, 2, 3] },
      { context: 3, frames: [4, 5, 6] },
    ]);
    await sink.flush();
    expect(batches.at(-1)).toEqual({ context: 6, frames: [7] });
  });

  test('nothing left, nothing handed on', async () => {
    const { sink, batches } = collecting(2);
    await sink.flush();
    await write(sink, 1, 2);
    await sink.flush();
    expect(batches).toHaveLength(1);
  });

  test.each([1, 2, 3, 4])('batches of %i: after a gap there is no frame before', async (size) => {
    const { sink, batches } = collecting(size);
    await write(sink, 1, 2, 3, 50, 51, 90, 91, 92);
    await sink.flush();
    expect(batches.flatMap(({ frames }) => frames)).toEqual([1, 2, 3, 50, 51, 90, 91, 92]);
    for (const { context, frames } of batches) {
      const isFirst = [1, 50, 90].includes(frames[0]!);
      expect(context).toBe(isFirst ? undefined : frames[0]! - 1);
      expect(frames.at(-1)! - frames[0]!).toBe(frames.length - 1);
    }
  });

  test('a full batch holds the source back until it was handled; others do not', async () => {
    const handled = deferred<undefined>();
    const sink = new BatchSink({ batchFrames: 2, gapMs: 10, handle: () => handled.promise });
    sink.reserve();
    expect(sink.commit(time(1))).toBeUndefined();
    sink.reserve();
    const second = sink.commit(time(2));
    expect(second).toBeInstanceOf(Promise);
    let isOver = false;
    void second?.then(() => (isOver = true));
    await Promise.resolve();
    expect(isOver).toBe(false);
    handled.resolve(undefined);
    await second;
  });

  test('what the handler rejects with reaches the source', async () => {
    const sink = new BatchSink({
      batchFrames: 1,
      gapMs: 10,
      handle: () => Promise.reject(new Error('full disk')),
    });
    await expect(write(sink, 1)).rejects.toThrow('full disk');
  });
});

describe('FilterSink', () => {
  test('only what is accepted arrives, seen with its pixels and time', async () => {
    const { sink, batches } = collecting(2);
    const seen: [number, number][] = [];
    const filter = new FilterSink({
      sink,
      accepts: (pixels, { mediaTimeMs }) => {
        seen.push([pixels[0]!, mediaTimeMs]);
        return mediaTimeMs % 2 === 0;
      },
    });
    await write(filter, 1, 2, 3, 4, 5, 6);
    await sink.flush();
    expect(batches.map(({ frames }) => frames)).toEqual([[2, 4], [6]]);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6].map((value) => [value, value]));
  });

  test('an accepted frame holds the source back as its sink does', () => {
    const sink = new BatchSink({ batchFrames: 1, gapMs: 10, handle: () => Promise.resolve() });
    expect(new FilterSink({ sink, accepts: () => true }).commit(time(0))).toBeInstanceOf(Promise);
    expect(new FilterSink({ sink, accepts: () => false }).commit(time(0))).toBeUndefined();
  });
});
