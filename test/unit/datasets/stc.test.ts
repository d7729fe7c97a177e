import { writeFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { readMask } from '../../../src/datasets/masks.ts';
import { readStc, readStcPooled } from '../../../src/datasets/stc.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';
import { makeFiles } from './folder-tree.ts';

/** A version 1 .npy file of bytes, as numpy.save writes it. */
const npy = (shape: readonly number[], items: Uint8Array, type = '|u1'): Buffer => {
  const list = shape.map((size) => `${size},`).join(' ');
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${list}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0]);
  prefix.writeUInt16LE(header.length, 8);
  return Buffer.concat([prefix, Buffer.from(header, 'latin1'), items]);
};

const SIDE = 8;

const makeTree = async (dir: TempDir): Promise<void> => {
  const frames = (id: string) => [0, 1, 2].map((frame) => `testing/frames/${id}/${frame}.jpg`);
  const ids = ['01_0014', '02_0001'];
  await makeFiles(dir.path, [
    ...['training/videos/01_001.avi', 'training/videos/02_001.avi', 'training/videos/02_002.avi'],
    ...ids.flatMap(frames),
    ...['testing/test_frame_mask/x', 'testing/test_pixel_mask/x'],
  ]);
  for (const id of ids) {
    const masks = new Uint8Array(3 * SIDE * SIDE);
    masks.fill(1, SIDE * SIDE, SIDE * SIDE + SIDE);
    await writeFile(
      dir.at('testing/test_frame_mask', `${id}.npy`),
      npy([3], Uint8Array.of(0, 1, 0), '|i1'),
    );
    await writeFile(dir.at('testing/test_pixel_mask', `${id}.npy`), npy([3, SIDE, SIDE], masks));
  }
};

test('one data set a scene, its labels and masks from .npy; or all in one', async () => {
  await using dir = await tempDir();
  await makeTree(dir);
  const scenes = await readStc(dir.path);
  expect(
    scenes.map(({ name, trainClips, testClips }) => [name, trainClips.length, testClips.length]),
  ).toEqual([
    ['stc/01', 1, 1],
    ['stc/02', 2, 1],
  ]);
  const clip = scenes[0]?.testClips[0];
  expect([...(clip?.labels ?? [])]).toEqual([0, 1, 0]);
  const mask = await readMask(clip!.masks![1]!);
  // The first of eight rows, enlarged.
  expect(mask.reduce((sum, value) => sum + value, 0)).toBe((256 * 256) / SIDE);
  expect(mask[0]).toBe(1);
  expect((await readMask(clip!.masks![0]!)).includes(1)).toBe(false);
  const pooled = await readStcPooled(dir.path);
  expect([pooled.name, pooled.trainClips.length, pooled.testClips.length]).toEqual([
    'stc-pooled',
    3,
    2,
  ]);
});

test.each([
  ['of the wrong type', npy([3], new Uint8Array(3), '<f4'), /holds items of type <f4/],
  ['that is none', Buffer.from('no numbers here'), /is not a \.npy file/],
  ['cut short', npy([3], new Uint8Array(2)), /is shorter than its header says/],
  ['for other frames', npy([5], new Uint8Array(5)), /has 5 labels for 3 frames/],
])('labels %s', async (_, bytes, message) => {
  await using dir = await tempDir();
  await makeTree(dir);
  await writeFile(dir.at('testing/test_frame_mask', '01_0014.npy'), bytes);
  await expect(readStc(dir.path)).rejects.toThrow(message);
});
