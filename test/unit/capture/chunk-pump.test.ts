import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkPump } from '../../../src/capture/chunk-pump.ts';

describe('ChunkPump', () => {
  it('feeds everything in order, one at a time, even when the stream is resumed behind its back', async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 4 }), async (pieces, heldEvery) => {
        const stream = new PassThrough();
        const seen: number[] = [];
        let chunkCount = 0;
        let isBusy = false;
        const pump = new ChunkPump({
          stream,
          consume: (chunk) => {
            expect(isBusy).toBe(false);
            seen.push(...chunk);
            chunkCount += 1;
            if (chunkCount % heldEvery !== 0) return;
            isBusy = true;
            // What Node does to a child's pipes when the child exits.
            process.nextTick(() => stream.resume());
            return new Promise((resolve) => {
              setImmediate(() => {
                isBusy = false;
                resolve();
              });
            });
          },
        });
        const done = pump.run();
        for (const piece of pieces) stream.write(piece);
        stream.end();
        await done;
        expect(seen).toEqual(pieces.flatMap((piece) => [...piece]));
      }),
    );
  });

  it('holds the stream back while the consumer is busy', async () => {
    const stream = new PassThrough();
    let release = (): void => undefined;
    const pump = new ChunkPump({
      stream,
      consume: () => new Promise<void>((resolve) => (release = resolve)),
    });
    const done = pump.run();
    stream.end('a');
    await new Promise((resolve) => setImmediate(resolve));
    expect(stream.isPaused()).toBe(true);
    release();
    await done;
  });

  it.each([
    [
      'thrown',
      () =>
        Promise.resolve().then(() => {
          throw new Error('full');
        }),
    ],
    [
      'rejected',
      () => {
        throw new Error('full');
      },
    ],
  ])("rejects with the consumer's error, %s, and feeds no more", async (_, consume) => {
    const stream = new PassThrough();
    let count = 0;
    const pump = new ChunkPump({
      stream,
      consume: () => {
        count += 1;
        return consume();
      },
    });
    const done = pump.run();
    stream.write('a');
    stream.write('b');
    await expect(done).rejects.toThrow('full');
    expect(count).toBe(1);
  });
});
