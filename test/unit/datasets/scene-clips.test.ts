import { describe, expect, test } from 'vitest';

import { readSceneClips } from '../../../src/datasets/scene-clips.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { makeFiles } from './folder-tree.ts';

const real = {
  file: 'yard.mp4',
  framesPerSecond: 10,
  frames: 300,
  normal: [0, 149],
  events: [
    [120, 159, 'a van stops'],
    [200, 299, 'camera pushed upward'],
  ],
  nuisance: 'rain',
};
const staged = {
  file: 'left_box.mp4',
  base: 'vtest',
  kind: 'left',
  framesPerSecond: 5,
  frames: 60,
  event: [15, 59],
  box: [0.25, 0.5, 0.5, 0.75],
};
const nuisance = {
  file: 'nuisance_defocus.mp4',
  base: 'vtest from 36 s',
  framesPerSecond: 5,
  frames: 218,
  lawn: 'frames 74-187 (people on the lawn)',
};

const read = async (files: Readonly<Record<string, unknown>>, category?: string) => {
  await using dir = await tempDir();
  const contents = Object.entries(files).map(([path, value]) => [path, JSON.stringify(value)]);
  await makeFiles(dir.path, [], Object.fromEntries(contents) as Record<string, string>);
  return { clips: await readSceneClips(dir.path, category), dir: dir.path };
};

test('a real clip: what comes before all that happens is learnt, the rest watched', async () => {
  const { clips, dir } = await read({ 'yard.json': real });
  const path = `${dir}/yard.mp4`;
  expect(clips).toEqual([
    {
      id: 'yard',
      group: 'real',
      path,
      framesPerSecond: 10,
      learn: [{ path, fromMs: 0, toMs: 12_000 }],
      learnFramesPerSecond: 10,
      watchFromMs: 12_000,
      durationMs: 30_000,
      isTimeLapse: false,
      events: [
        { kind: 'real', words: 'a van stops', fromMs: 12_000, toMs: 16_000, box: undefined },
        {
          kind: 'view',
          words: 'camera pushed upward',
          fromMs: 20_000,
          toMs: 30_000,
          box: undefined,
        },
      ],
      nuisance: 'rain',
      views: ['moved'],
    },
  ]);
});

test('of a clip in which nothing happens the first six tenths are learnt', async () => {
  const { clips } = await read({ 'a.json': { ...real, normal: [100, 299], events: [] } });
  expect(clips[0]).toMatchObject({
    learn: [{ fromMs: 10_000, toMs: 22_000 }],
    watchFromMs: 22_000,
    events: [],
    views: [],
  });
});

test('a time-lapse is told by its words, or says so', async () => {
  const { clips } = await read({
    'a.json': { ...real, nuisance: '18 full day/night cycles' },
    'b.json': { ...real, timeLapse: true },
    'c.json': { ...real, file: 'sunset_timelapse.mp4' },
  });
  expect(clips.map(({ isTimeLapse }) => isTimeLapse)).toEqual([true, true, true]);
});

test('of a clip without a normal part nothing is learnt', async () => {
  const { clips } = await read({ 'a.json': { ...real, normal: [] } });
  expect(clips[0]).toMatchObject({ learn: [], watchFromMs: 0 });
});

test('staged clips and nuisances are learnt from their base', async () => {
  const { clips, dir } = await read({
    'staged/index.json': [staged],
    'staged/nuisance.json': [nuisance],
    'scenes/yard.json': real,
  });
  expect(clips.map(({ id, group }) => [id, group])).toEqual([
    ['yard', 'real'],
    ['left_box', 'staged'],
    ['nuisance_defocus', 'nuisance'],
  ]);
  const base = [{ path: `${dir}/clips/vtest-640x480.mp4`, fromMs: 0, toMs: 28_800 }];
  expect(clips[1]).toMatchObject({
    learn: base,
    learnFramesPerSecond: 10,
    watchFromMs: 0,
    durationMs: 12_000,
    events: [
      {
        kind: 'left',
        fromMs: 3_000,
        toMs: 12_000,
        box: { x: 0.25, y: 0.5, width: 0.25, height: 0.25 },
      },
    ],
  });
  expect(clips[2]).toMatchObject({
    learn: base,
    nuisance: 'defocus',
    views: ['defocused'],
    events: [{ kind: 'lawn', fromMs: 14_800, toMs: 37_600, box: undefined }],
  });
});

test('a base of one’s own, and only the clips that are named alike', async () => {
  const own = { ...staged, file: 'own_box.mp4', learn: 'empty.mp4', learnSeconds: [2, 32] };
  const { clips, dir } = await read({ 'index.json': [staged, own] }, 'own');
  expect(clips).toMatchObject([
    { id: 'own_box', learn: [{ path: `${dir}/empty.mp4`, fromMs: 2_000, toMs: 32_000 }] },
  ]);
});

describe('what is not in the format is named', () => {
  test.each([
    ['no clip', {}, /holds none/],
    ['an event without words', { 'a.json': { ...real, events: [[1, 2]] } }, /a\.json has an event/],
    ['no rate', { 'a.json': { ...real, framesPerSecond: 0 } }, /lacks "framesPerSecond"/],
    ['an unknown base', { 'i.json': [{ ...staged, base: 'moon' }] }, /base "moon"/],
    ['a box of three', { 'i.json': [{ ...staged, box: [0, 1, 2] }] }, /"box"/],
    ['an unknown view', { 'i.json': [{ ...staged, views: ['upside'] }] }, /"views"/],
    ['something else', { 'i.json': [3] }, /describes no clip/],
  ])('%s', async (_, files, message) => {
    await expect(read(files)).rejects.toMatchObject({
      code: 'DATASET_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });
});
