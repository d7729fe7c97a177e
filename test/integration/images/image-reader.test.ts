// Pictures decoded on a thread of their own are those that this thread would decode. The thread runs the built module.
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { FRAME_SIDE } from '../../../src/core/frame.ts';
import { readImageFrames, type FrameBatch } from '../../../src/images/image-frames.ts';
import { ImageReader } from '../../../src/images/image-reader.ts';
import { CENTRE_CROP } from '../../../src/images/still-geometry.ts';
import { ROOT } from '../../support/patchwatch.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';

const COUNT = 11;

let folder: TempDir;
let paths: string[];

beforeAll(async () => {
  folder = await tempDir();
  paths = Array.from({ length: COUNT }, (_, index) => folder.at(`${index}.png`));
  for (const [index, path] of paths.entries()) {
    const side = index % 2 === 0 ? 100 : FRAME_SIDE;
    const pixels = Uint8Array.from(
      { length: side * side * 3 },
      (_, at) => (at * (index + 3)) % 251,
    );
    await sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).toFile(path);
  }
});
afterAll(() => folder[Symbol.asyncDispose]());

const openReader = (): ImageReader =>
  new ImageReader({ threadPath: join(ROOT, 'dist/images/image-reader-thread.js') });

/** Copies, because a batch's memory is filled again. */
const all = async (batches: AsyncIterable<FrameBatch>): Promise<Uint8Array[]> => {
  const copies: Uint8Array[] = [];
  for await (const { pixels } of batches) copies.push(pixels.slice());
  return copies;
};

describe('ImageReader', () => {
  test.each([1, 2, 4, 16])('the same batches as on this thread, of %i', async (batchFrames) => {
    const got = await all(openReader().read(paths, batchFrames));
    expect(got).toEqual(await all(readImageFrames(paths, batchFrames)));
    expect(got).toHaveLength(Math.ceil(COUNT / batchFrames));
  });

  test('pictures that are turned and cut', async () => {
    const geometries = paths.map(() => CENTRE_CROP);
    const got = await all(openReader().read(paths, 4, geometries));
    expect(got).toEqual(await all(readImageFrames(paths, 4, geometries)));
  });

  test('one clip after another, also when one was left early', async () => {
    const reader = openReader();
    for (let round = 0; round < 3; round++) {
      for await (const { frameCount } of reader.read(paths, 2)) {
        expect(frameCount).toBe(2);
        break;
      }
      const reversed = paths.toReversed();
      expect(await all(reader.read(reversed, 3))).toEqual(await all(readImageFrames(reversed, 3)));
    }
  });

  test('nothing to read', async () => {
    expect(await all(openReader().read([], 4))).toEqual([]);
  });

  test('a file that is no picture is told by its name, and the next clip is read', async () => {
    const reader = openReader();
    const bad = folder.at('missing.png');
    await expect(all(reader.read([paths[0]!, bad, paths[1]!], 1))).rejects.toMatchObject({
      code: 'DATASET_INVALID',
      message: expect.stringContaining(`${bad} can't be decoded`) as string,
    });
    expect(await all(reader.read(paths, 4))).toHaveLength(3);
  });
});
