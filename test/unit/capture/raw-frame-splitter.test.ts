import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RawFrameSplitter } from '../../../src/capture/raw-frame-splitter.ts';

interface Splitting {
  readonly splitter: RawFrameSplitter;
  readonly frames: number[][];
  readonly reserveCount: () => number;
}

const split = (frameBytes: number, hold: (frame: number) => void | Promise<void>): Splitting => {
  const frames: number[][] = [];
  let reserveCount = 0;
  let place = new Uint8Array(frameBytes);
  const splitter = new RawFrameSplitter({
    frameBytes,
    reserve: () => {
      reserveCount += 1;
      place = new Uint8Array(frameBytes).fill(255);
      return place;
    },
    onFrame: () => {
      frames.push([...place]);
      return hold(frames.length);
    },
  });
  return { splitter, frames, reserveCount: () => reserveCount };
};

const bytesUpTo = (count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, index) => index % 251);

const expectedFrames = (bytes: Uint8Array, frameBytes: number): number[][] =>
  Array.from({ length: Math.floor(bytes.length / frameBytes) }, (_, index) => [
    ...bytes.subarray(index * frameBytes, (index + 1) * frameBytes),
  ]);

describe('RawFrameSplitter', () => {
  it('gives the same frames whatever the chunk boundaries, and whether or not the sink holds back', async () => {
    const pieces = fc.record({
      frameBytes: fc.integer({ min: 1, max: 12 }),
      lengths: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
      heldEvery: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(pieces, async ({ frameBytes, lengths, heldEvery }) => {
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const bytes = bytesUpTo(total);
        const { splitter, frames, reserveCount } = split(frameBytes, (frame) =>
          frame % heldEvery === 0 ? Promise.resolve() : undefined,
        );
        let offset = 0;
        for (const length of lengths) {
          await splitter.push(bytes.subarray(offset, offset + length));
          offset += length;
        }
        expect(frames).toEqual(expectedFrames(bytes, frameBytes));
        expect(splitter.partialBytes).toBe(total % frameBytes);
        expect(reserveCount()).toBe(Math.ceil(total / frameBytes));
      }),
    );
  });

  it('survives every single boundary of a stream of three frames', async () => {
    const bytes = bytesUpTo(30);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const { splitter, frames } = split(10, () => undefined);
      await splitter.push(bytes.subarray(0, cut));
      await splitter.push(bytes.subarray(cut));
      expect(frames).toEqual(expectedFrames(bytes, 10));
    }
  });

  it('stays synchronous while the sink does', () => {
    const { splitter, frames } = split(10, () => undefined);
    expect(splitter.push(bytesUpTo(35))).toBeUndefined();
    expect(frames).toHaveLength(3);
  });

  it('goes on only when the sink lets it', async () => {
    let release = (): void => undefined;
    const { splitter, frames } = split(10, () => new Promise((resolve) => (release = resolve)));
    const pushed = splitter.push(bytesUpTo(20));
    await Promise.resolve();
    expect(frames).toHaveLength(1);
    release();
    await Promise.resolve();
    expect(frames).toHaveLength(2);
    release();
    await pushed;
  });

  it('touches no memory after it was stopped, not even with what was held back', async () => {
    let release = (): void => undefined;
    const { splitter, reserveCount } = split(10, () => new Promise((r) => (release = r)));
    const pushed = splitter.push(bytesUpTo(20));
    splitter.stop();
    release();
    await pushed;
    expect(reserveCount()).toBe(1);
  });
});
