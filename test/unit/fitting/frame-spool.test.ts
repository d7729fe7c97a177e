import { readdir, writeFile } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import { FrameSpool } from '../../../src/fitting/frame-spool.ts';
import { tempDir } from '../../support/temp-dir.ts';

const frames = (...values: number[]): Uint8Array => {
  const pixels = new Uint8Array(values.length * FRAME_BYTES);
  values.forEach((value, index) =>
    pixels.fill(value, index * FRAME_BYTES, (index + 1) * FRAME_BYTES),
  );
  return pixels;
};

const read = async (spool: FrameSpool, slot: number, first: number, count: number) => {
  const target = new Uint8Array(count * FRAME_BYTES);
  await spool.read(slot, first, target);
  return Array.from({ length: count }, (_, index) => {
    const frame = target.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES);
    expect(frame.every((byte) => byte === frame[0])).toBe(true);
    return frame[0];
  });
};

describe('FrameSpool', () => {
  test('leaves no name behind, clears what a kill left, and is not shared in a process', async () => {
    await using folder = await tempDir();
    await writeFile(folder.at('fit-1.rgb24'), 'left');
    const [a, b] = [await FrameSpool.create(folder.path), await FrameSpool.create(folder.path)];
    try {
      expect(await readdir(folder.path)).toEqual([]);
      a.begin(0, 0);
      b.begin(0, 0);
      await a.append(0, frames(1));
      await b.append(0, frames(2));
      expect([await read(a, 0, 0, 1), await read(b, 0, 0, 1)]).toEqual([[1], [2]]);
    } finally {
      await a.remove();
      await b.remove();
    }
  });

  test('slots are written in pieces, in any order, and read from any frame', async () => {
    await using folder = await tempDir();
    const spool = await FrameSpool.create(folder.at('spool'));
    try {
      spool.begin(0, 0);
      await spool.append(0, frames(1, 2));
      spool.begin(1, 1);
      await spool.append(1, frames(9));
      await spool.append(0, frames(3));
      await spool.append(1, frames(8, 7));
      expect(await read(spool, 0, 0, 3)).toEqual([1, 2, 3]);
      expect(await read(spool, 1, 1, 2)).toEqual([8, 7]);
      expect(spool.slots).toEqual([
        { half: 0, frameCount: 3 },
        { half: 1, frameCount: 3 },
      ]);
      expect(spool.frameCount).toBe(6);
    } finally {
      await spool.remove();
    }
  });

  test('a slot begun anew holds only what comes after', async () => {
    await using folder = await tempDir();
    const spool = await FrameSpool.create(folder.path);
    try {
      spool.begin(0, 0);
      await spool.append(0, frames(1, 2, 3));
      spool.begin(0, 1);
      await spool.append(0, frames(4));
      expect(spool.slots).toEqual([{ half: 1, frameCount: 1 }]);
      expect(await read(spool, 0, 0, 1)).toEqual([4]);
    } finally {
      await spool.remove();
    }
  });

  test('nothing is left when it is removed', async () => {
    await using folder = await tempDir();
    const spool = await FrameSpool.create(folder.path);
    spool.begin(0, 0);
    await spool.append(0, frames(1));
    expect(await readdir(folder.path)).toEqual([]);
    await spool.remove();
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('a slot that was not begun', async () => {
    await using folder = await tempDir();
    const spool = await FrameSpool.create(folder.path);
    try {
      await expect(spool.append(3, frames(1))).rejects.toThrow('slot 3 was not begun');
    } finally {
      await spool.remove();
    }
  });

  test('a folder that cannot be made is told with a remedy', async () => {
    await using folder = await tempDir();
    await writeFile(folder.at('file'), '');
    await expect(FrameSpool.create(folder.at('file', 'spool'))).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining(folder.at('file', 'spool')) as string,
    });
  });
});
