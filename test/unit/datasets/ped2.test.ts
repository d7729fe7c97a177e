import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { readPed2 } from '../../../src/datasets/ped2.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { makeFiles } from './folder-tree.ts';

const PED2 = join(import.meta.dirname, '../../../../shared/data/ped2');

const FILES = [
  ...['000.jpg', '001.jpg'].map((name) => `training/frames/01/${name}`),
  ...['000.jpg', '001.jpg', '002.jpg', '.DS_Store'].map((name) => `testing/frames/01/${name}`),
  ...['000.png', '001.png', '002.png'].map((name) => `testing/masks/01/${name}`),
];
const labels = (frames: number, ...ranges: number[][]): string =>
  JSON.stringify({ '01': { frames, anomalous_0based_inclusive: ranges } });
const LABELS = { 'labels.json': labels(3, [1, 2]) };

test('frames, masks and labels of each clip', async () => {
  await using dir = await tempDir();
  await makeFiles(dir.path, FILES, LABELS);
  const { trainClips, testClips } = await readPed2(dir.path);
  expect(trainClips).toEqual([
    {
      id: '01',
      footage: {
        kind: 'images',
        paths: ['000.jpg', '001.jpg'].map((name) => dir.at('training', 'frames', '01', name)),
      },
      labels: undefined,
      masks: undefined,
    },
  ]);
  expect(testClips).toMatchObject([
    {
      id: '01',
      footage: { paths: [0, 1, 2].map((n) => dir.at('testing', 'frames', '01', `00${n}.jpg`)) },
      labels: Uint8Array.of(0, 1, 1),
      masks: [0, 1, 2].map((n) => dir.at('testing', 'masks', '01', `00${n}.png`)),
    },
  ]);
});

const TAIL =
  ': expected training/frames/NN, testing/frames/NN, testing/masks/NN and labels.json of UCSD Ped2; check --root';
const FORMAT = ': expected {"CLIP": {"frames": 180, "anomalous_0based_inclusive": [[60, 179]]}, …}';

describe('what is wrong is named, with the remedy', () => {
  test.each([
    ['no such folder', [], {}, `ROOT/training/frames does not exist${TAIL}`],
    ['a file for a folder', ['training/frames'], {}, `ROOT/training/frames is not a folder${TAIL}`],
    ['no clips', ['training/frames/x.jpg'], {}, `ROOT/training/frames holds no clips${TAIL}`],
    [
      'frames of a kind that is not read',
      [...FILES, 'training/frames/02/000.bmp'],
      LABELS,
      `ROOT/training/frames/02 holds no images (jpg, png, webp or tif), only .bmp${TAIL}`,
    ],
    ['no labels', FILES, {}, `ROOT/labels.json does not exist${TAIL}`],
    [
      'labels that are no JSON',
      FILES,
      { 'labels.json': '{' },
      `ROOT/labels.json can't be read as JSON${FORMAT}`,
    ],
    [
      'labels that are a list',
      FILES,
      { 'labels.json': '[]' },
      `ROOT/labels.json is not in the format${FORMAT}`,
    ],
    [
      'labels beyond the frames',
      FILES,
      { 'labels.json': labels(3, [1, 3]) },
      `ROOT/labels.json is not in the format at clip 01${FORMAT}`,
    ],
    [
      'labels of other frames',
      FILES,
      { 'labels.json': labels(4) },
      `ROOT/labels.json has 4 frames for clip 01, which has 3 frames${TAIL}`,
    ],
    [
      'a clip without labels',
      FILES,
      { 'labels.json': '{}' },
      `ROOT/labels.json has no entry for clip 01, which has 3 frames${TAIL}`,
    ],
    [
      'a mask of another name',
      FILES.map((path) => path.replace('002.png', '003.png')),
      LABELS,
      `ROOT/testing/masks/01 does not match the frames of clip 01 (3 masks, 3 frames, first at frame 002)${TAIL}`,
    ],
    [
      'a mask too many',
      [...FILES, 'testing/masks/01/003.png'],
      LABELS,
      `ROOT/testing/masks/01 does not match the frames of clip 01 (4 masks, 3 frames)${TAIL}`,
    ],
  ])('%s', async (_name, files, contents, message) => {
    await using dir = await tempDir();
    await makeFiles(dir.path, files, contents);
    await expect(readPed2(dir.path)).rejects.toMatchObject({
      code: 'DATASET_INVALID',
      message: message.replace('ROOT', dir.path),
    });
  });
});

test('the order of frames is by number', async () => {
  await using dir = await tempDir();
  await makeFiles(
    dir.path,
    [...FILES, 'training/frames/01/10.jpg', 'training/frames/01/9.jpg'],
    LABELS,
  );
  await rm(dir.at('training', 'frames', '01', '000.jpg'));
  const [clip] = (await readPed2(dir.path)).trainClips;
  expect(clip?.footage).toMatchObject({
    paths: ['001.jpg', '9.jpg', '10.jpg'].map((name) => dir.at('training', 'frames', '01', name)),
  });
});

test.skipIf(!existsSync(PED2))('the real set has its published counts', async () => {
  const { trainClips, testClips } = await readPed2(PED2);
  const frames = (clips: typeof testClips): number =>
    clips.reduce(
      (sum, { footage }) => sum + (footage.kind === 'images' ? footage.paths.length : 0),
      0,
    );
  expect([trainClips.length, frames(trainClips)]).toEqual([16, 2550]);
  expect([testClips.length, frames(testClips)]).toEqual([12, 2010]);
  const anomalous = testClips.flatMap(({ labels }) => Array.from(labels ?? []));
  expect(anomalous.reduce((sum, label) => sum + label, 0)).toBe(1648);
});
