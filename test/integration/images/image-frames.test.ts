// Real files through the real decoder, against what Pillow makes of them (tools/make_metric_goldens.py).
import { writeFile } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { FRAME_BYTES, FRAME_SIDE } from '../../../src/core/frame.ts';
import { readImageFrames } from '../../../src/images/image-frames.ts';
import { readMask } from '../../../src/datasets/masks.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';
import { bytes, goldens } from '../../unit/evaluation/measures/goldens.ts';

const pictures = goldens().pictures;

const saved = async (dir: TempDir, name: string, base64: string): Promise<string> => {
  const path = dir.at(name);
  await writeFile(path, bytes(base64));
  return path;
};

const firstFrame = async (path: string): Promise<Uint8Array> => {
  for await (const { pixels } of readImageFrames([path], 1)) return pixels.slice();
  throw new Error('no frame');
};

describe('equals Pillow', () => {
  test.each(pictures)('$name', async ({ png, places, values }) => {
    await using dir = await tempDir();
    const frame = await firstFrame(await saved(dir, 'a.png', png));
    const differences = places.map((place, index) => Math.abs(frame[place]! - values[index]!));
    expect(frame).toHaveLength(FRAME_BYTES);
    expect(Math.max(...differences)).toBeLessThanOrEqual(2);
    // Half a grey level: the decoder's vector code rounds differently from processor to processor.
    expect(
      differences.reduce((sum, difference) => sum + difference, 0) / places.length,
    ).toBeLessThan(0.5);
  });

  test.each(pictures)('mask of $name', async ({ maskPng, mask }) => {
    await using dir = await tempDir();
    const read = await readMask(await saved(dir, 'mask.png', maskPng));
    const expected = Array.from(bytes(mask), (packed) => packed.toString(2).padStart(8, '0')).join(
      '',
    );
    expect(read).toHaveLength(FRAME_SIDE * FRAME_SIDE);
    expect(read.join('')).toBe(expected);
  });
});

test('batches are full but the last, in order, in memory that is reused', async () => {
  await using dir = await tempDir();
  const files = await Promise.all(
    pictures.map(({ png }, index) => saved(dir, `${index}.png`, png)),
  );
  const paths = [...files, ...files, ...files].slice(0, 21);
  const alone = await Promise.all(files.map(firstFrame));
  const counts: number[] = [];
  const buffers = new Set<ArrayBufferLike>();
  let at = 0;
  for await (const { pixels, frameCount } of readImageFrames(paths, 8)) {
    counts.push(frameCount);
    buffers.add(pixels.buffer);
    expect(pixels).toHaveLength(frameCount * FRAME_BYTES);
    for (let index = 0; index < frameCount; index++) {
      const frame = pixels.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES);
      expect(Buffer.compare(frame, alone[at % files.length]!)).toBe(0);
      at += 1;
    }
  }
  expect(counts).toEqual([8, 8, 5]);
  expect(buffers.size).toBe(1);
});

test('no frames of no images', async () => {
  expect(await readImageFrames([], 8).next()).toEqual({ done: true, value: undefined });
});

test('a file that is no image is named, after the frames before it', async () => {
  await using dir = await tempDir();
  const good = await saved(dir, 'good.png', pictures[0]!.png);
  const bad = await saved(dir, 'bad.png', Buffer.from('no image').toString('base64'));
  const frames = readImageFrames([good, bad, good], 1);
  expect((await frames.next()).value).toMatchObject({ frameCount: 1 });
  const error = { code: 'DATASET_INVALID', message: expect.stringContaining(bad) as string };
  await expect(frames.next()).rejects.toMatchObject(error);
  await expect(readMask(bad)).rejects.toMatchObject(error);
  const missing = {
    code: 'DATASET_INVALID',
    message: expect.stringMatching(/none\.png can't/) as string,
  };
  await expect(readMask(dir.at('none.png'))).rejects.toMatchObject(missing);
});
