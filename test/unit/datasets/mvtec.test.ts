import { describe, expect, test } from 'vitest';

import { readMvtec, readRdMvtec } from '../../../src/datasets/mvtec.ts';
import { CENTRE_CROP, RESIZED_SIDE } from '../../../src/images/still-geometry.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { makeFiles } from './folder-tree.ts';

const TREE = [
  ...['bottle/train/good/000.png', 'bottle/train/good/001.png'],
  ...['bottle/test/good/000.png', 'bottle/test/broken/000.png', 'bottle/test/broken/001.png'],
  ...['bottle/ground_truth/broken/000_mask.png', 'bottle/ground_truth/broken/001_mask.png'],
];

test('a category: labels from the folders, masks beside, the centre crop', async () => {
  await using dir = await tempDir();
  await makeFiles(dir.path, TREE);
  const { footageKind, trainClips, testClips } = await readMvtec(dir.path, 'bottle');
  expect(footageKind).toBe('stills');
  expect(trainClips).toHaveLength(1);
  expect(trainClips[0]?.geometries).toEqual([CENTRE_CROP, CENTRE_CROP]);
  expect(
    testClips.map(({ id, labels, masks }) => [id, [...(labels ?? [])], masks?.map(Boolean)]),
  ).toEqual([
    ['test/broken', [1, 1], [true, true]],
    ['test/good', [0], [false]],
  ]);
  // The root may be the category itself.
  expect((await readMvtec(dir.at('bottle'), undefined)).testClips).toHaveLength(2);
});

test('Rd-MVTec: drawn once a picture, within bounds, the same for the same seed', async () => {
  await using dir = await tempDir();
  await makeFiles(dir.path, TREE);
  const drawn = async (seed: number) => {
    const { trainClips, testClips } = await readRdMvtec(dir.path, 'bottle', seededRandom(seed));
    return [...trainClips, ...testClips].flatMap(({ geometries = [] }) => geometries);
  };
  const first = await drawn(1);
  expect(first).toHaveLength(5);
  for (const { angleDegrees, left, top } of first) {
    expect(Math.abs(angleDegrees)).toBeLessThanOrEqual(10);
    expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
    expect(Math.max(left, top)).toBeLessThanOrEqual(RESIZED_SIDE - 256);
  }
  expect(await drawn(1)).toEqual(first);
  expect(await drawn(2)).not.toEqual(first);
});

describe('errors name what is missing and where', () => {
  test.each([
    ['an unknown category', TREE, 'cable', /there is no "cable"; there are: bottle/],
    ['none where one is needed', TREE, undefined, /a category is needed; there are: bottle/],
    [
      'a missing mask',
      TREE.filter((path) => !path.endsWith('001_mask.png')),
      'bottle',
      /ground_truth\/broken\/001_mask\.png does not exist/,
    ],
    [
      'no training pictures',
      TREE.filter((path) => !path.includes('train')).concat('bottle/train/good/x.txt'),
      'bottle',
      /train\/good holds no images/,
    ],
  ])('%s', async (_, tree, category, message) => {
    await using dir = await tempDir();
    await makeFiles(dir.path, tree);
    await expect(readMvtec(dir.path, category)).rejects.toThrow(message);
  });
});
