import { writeFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { readAvenue } from '../../../src/datasets/avenue.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { makeFiles } from './folder-tree.ts';

const TREE = ['training_videos/01.avi', 'testing_videos/01.avi', 'testing_videos/02.avi'];
const clip = { frames: 3, anomalous_0based_inclusive: [[1, 1]] };

test('videos, labelled by their number', async () => {
  await using dir = await tempDir();
  await makeFiles(dir.path, TREE);
  await writeFile(dir.at('labels.json'), JSON.stringify({ '01': clip, '02': clip }));
  const { footageKind, trainClips, testClips } = await readAvenue(dir.path);
  expect([footageKind, trainClips.length]).toEqual(['video', 1]);
  expect(testClips.map(({ id, labels }) => [id, [...(labels ?? [])]])).toEqual([
    ['01', [0, 1, 0]],
    ['02', [0, 1, 0]],
  ]);
});

test('labels are needed, of every clip', async () => {
  await using dir = await tempDir();
  await makeFiles(dir.path, TREE);
  await expect(readAvenue(dir.path)).rejects.toThrow(/labels\.json does not exist/);
  await writeFile(dir.at('labels.json'), JSON.stringify({ '01': clip }));
  await expect(readAvenue(dir.path)).rejects.toThrow(/labels\.json has no clip 02/);
});
