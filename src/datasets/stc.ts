// ShanghaiTech Campus: 13 scenes, learnt one by one, as PaDiM does. training/videos/SS_NNN.avi (or
// training/frames/SS_NNN) to fit; testing/frames/SS_NNN with testing/test_frame_mask/SS_NNN.npy and
// testing/test_pixel_mask/SS_NNN.npy to score. SS is the scene.
import { join } from 'node:path';

import { PatchwatchError } from '../core/errors.ts';
import type { Clip, Dataset } from './dataset.ts';
import { listFiles, listFolders, listImages, stemOf } from './list-images.ts';
import { readNpy } from './npy.ts';

const EXPECTED =
  'expected training/videos/SS_NNN.avi or training/frames/SS_NNN, testing/frames/SS_NNN, testing/test_frame_mask and testing/test_pixel_mask of ShanghaiTech Campus';

const invalid = (problem: string): PatchwatchError =>
  new PatchwatchError('DATASET_INVALID', `${problem}: ${EXPECTED}; check --root`);

const sceneOf = (id: string): string => id.split('_')[0] ?? id;

const trainingClips = async (root: string): Promise<readonly Clip[]> => {
  const folder = join(root, 'training');
  const parts = await listFolders(folder, EXPECTED);
  const bare = { labels: undefined, masks: undefined };
  if (parts.includes('videos')) {
    const videos = await listFiles(join(folder, 'videos'), EXPECTED);
    return videos.map((path) => ({
      ...bare,
      id: stemOf(path),
      footage: { kind: 'video', path },
    }));
  }
  const ids = await listFolders(join(folder, 'frames'), EXPECTED);
  return Promise.all(
    ids.map(async (id): Promise<Clip> => {
      const paths = await listImages(join(folder, 'frames', id), EXPECTED);
      return { ...bare, id, footage: { kind: 'images', paths } };
    }),
  );
};

const testingClip = async (root: string, id: string): Promise<Clip> => {
  const folder = join(root, 'testing');
  const paths = await listImages(join(folder, 'frames', id), EXPECTED);
  const path = join(folder, 'test_frame_mask', `${id}.npy`);
  const { items } = await readNpy(path);
  if (items.length !== paths.length) {
    throw invalid(`${path} has ${items.length} labels for ${paths.length} frames`);
  }
  const masks = join(folder, 'test_pixel_mask', `${id}.npy`);
  return {
    id,
    footage: { kind: 'images', paths },
    labels: items.map((item) => (item === 0 ? 0 : 1)),
    masks: paths.map((_, frame) => ({ path: masks, frame })),
  };
};

/** One data set a scene. @throws PatchwatchError DATASET_INVALID */
export const readStc = async (root: string): Promise<readonly Dataset[]> => {
  const training = await trainingClips(root);
  const ids = await listFolders(join(root, 'testing', 'frames'), EXPECTED);
  const testing = await Promise.all(ids.map((id) => testingClip(root, id)));
  const scenes = [...new Set(testing.map(({ id }) => sceneOf(id)))];
  return scenes.map((scene) => {
    const trainClips = training.filter(({ id }) => sceneOf(id) === scene);
    if (trainClips.length === 0) throw invalid(`scene ${scene} has no training clip in ${root}`);
    return {
      name: `stc/${scene}`,
      footageKind: 'video',
      framesPerSecond: 24,
      trainClips,
      testClips: testing.filter(({ id }) => sceneOf(id) === scene),
    };
  });
};

/** All scenes in one model, as other implementations do. */
export const readStcPooled = async (root: string): Promise<Dataset> => {
  const scenes = await readStc(root);
  return {
    name: 'stc-pooled',
    footageKind: 'video',
    framesPerSecond: 24,
    trainClips: scenes.flatMap((scene) => scene.trainClips),
    testClips: scenes.flatMap((scene) => scene.testClips),
  };
};
