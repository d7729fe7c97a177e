import { describe, expect, test } from 'vitest';

import { readFolder } from '../../../src/datasets/folder.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';
import { makeFiles } from './folder-tree.ts';

/** id -> labels and masks (names only), as short as can be compared. */
const described = async (dir: TempDir): Promise<Record<string, unknown>> => {
  const { testClips } = await readFolder(dir.path);
  return Object.fromEntries(
    testClips.map(({ id, footage, labels, masks }) => [
      id,
      {
        frames: footage.kind === 'images' ? footage.paths.length : 'video',
        labels: labels && Array.from(labels).join(''),
        masks: masks?.map((mask) =>
          typeof mask === 'string' ? mask.replace(`${dir.path}/ground_truth/`, '') : mask,
        ),
      },
    ]),
  );
};

const NORMAL = ['normal/1.jpg', 'normal/2.jpg'];

test('images, videos and folders of either are clips', async () => {
  await using dir = await tempDir();
  await makeFiles(dir.path, [
    ...['normal/10.jpg', 'normal/9.jpg', 'normal/calm/1.png', 'normal/day.mp4', 'normal/notes.txt'],
    'test/a.mkv',
  ]);
  const { trainClips, testClips } = await readFolder(dir.path);
  expect(trainClips.map(({ id, footage }) => [id, footage])).toEqual([
    ['normal', { kind: 'images', paths: [dir.at('normal', '9.jpg'), dir.at('normal', '10.jpg')] }],
    ['day.mp4', { kind: 'video', path: dir.at('normal', 'day.mp4') }],
    ['calm', { kind: 'images', paths: [dir.at('normal', 'calm', '1.png')] }],
  ]);
  expect(testClips).toMatchObject([{ id: 'a.mkv', labels: undefined, masks: undefined }]);
});

test('with a good or normal folder, names are labels', async () => {
  await using dir = await tempDir();
  await makeFiles(dir.path, [
    ...NORMAL,
    'test/good/1.png',
    'test/crack/1.png',
    'test/crack/2.png',
    'test/x.png',
  ]);
  expect(await described(dir)).toEqual({
    test: { frames: 1 },
    good: { frames: 1, labels: '0' },
    crack: { frames: 2, labels: '11' },
  });
});

test('without one, folders are clips without labels', async () => {
  await using dir = await tempDir();
  await makeFiles(dir.path, [...NORMAL, 'test/monday/1.png', 'test/tuesday/1.png']);
  expect(await described(dir)).toEqual({ monday: { frames: 1 }, tuesday: { frames: 1 } });
});

test('masks by the name of the image, also with _mask', async () => {
  await using dir = await tempDir();
  await makeFiles(dir.path, [
    ...[...NORMAL, 'test/good/1.png', 'test/crack/1.png', 'test/crack/2.png'],
    ...['ground_truth/crack/1_mask.png', 'ground_truth/crack/2.png'],
  ]);
  expect(await described(dir)).toEqual({
    good: { frames: 1, labels: '0', masks: [undefined] },
    crack: { frames: 2, labels: '11', masks: ['crack/1_mask.png', 'crack/2.png'] },
  });
});

test('labels.json labels clips and videos, frame by frame', async () => {
  await using dir = await tempDir();
  const entry = (frames: number, ranges: number[][]): object => ({
    frames,
    anomalous_0based_inclusive: ranges,
  });
  await makeFiles(
    dir.path,
    [...NORMAL, 'test/a.mp4', 'test/b/1.jpg', 'test/b/2.jpg', 'test/c/1.jpg'],
    {
      'labels.json': JSON.stringify({
        'a.mp4': entry(4, [
          [0, 0],
          [2, 3],
        ]),
        b: entry(2, [[1, 1]]),
      }),
    },
  );
  expect(await described(dir)).toEqual({
    'a.mp4': { frames: 'video', labels: '1011' },
    b: { frames: 2, labels: '01' },
    c: { frames: 1 },
  });
});

describe('what is wrong is named, with the remedy', () => {
  const TAIL =
    ': expected normal/ and test/ with images, videos, or folders of either; check --root';
  test.each([
    ['no normal part', ['test/1.jpg'], {}, `ROOT/normal does not exist${TAIL}`],
    ['no test part', NORMAL, {}, `ROOT/test does not exist${TAIL}`],
    ['no footage', [...NORMAL, 'test/a/readme.txt'], {}, `ROOT/test holds no footage${TAIL}`],
    [
      'an image without its mask',
      [...NORMAL, 'test/good/1.png', 'test/crack/1.png', 'ground_truth/crack/2.png'],
      {},
      'ROOT/ground_truth/crack/1.png does not exist: with ground_truth/, every anomalous image needs its mask there; check --root',
    ],
    [
      'labels of no clip',
      [...NORMAL, 'test/a.mp4', 'test/b.mp4'],
      { 'labels.json': '{"a": {"frames": 1, "anomalous_0based_inclusive": []}}' },
      `labels.json names clip a, and test/ holds a.mp4, b.mp4${TAIL}`,
    ],
    [
      'labels of other frames',
      [...NORMAL, 'test/a/1.png'],
      { 'labels.json': '{"a": {"frames": 2, "anomalous_0based_inclusive": []}}' },
      `labels.json has 2 frames for clip a, which has 1 images${TAIL}`,
    ],
  ])('%s', async (_name, files, contents, message) => {
    await using dir = await tempDir();
    await makeFiles(dir.path, files, contents);
    await expect(readFolder(dir.path)).rejects.toMatchObject({
      code: 'DATASET_INVALID',
      message: message.replace('ROOT', dir.path),
    });
  });
});
