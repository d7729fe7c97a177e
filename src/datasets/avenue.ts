// CUHK Avenue: training_videos/NN.avi to fit; testing_videos/NN.avi to score. Its ground truth is in MATLAB files;
// labels.json (labels-file.ts) carries it here, by the clip's number.
import { join } from 'node:path';

import { PatchwatchError } from '../core/errors.ts';
import type { Clip, Dataset } from './dataset.ts';
import { readLabels } from './labels-file.ts';
import { listFiles, stemOf } from './list-images.ts';

const EXPECTED =
  'expected training_videos/NN.avi, testing_videos/NN.avi and labels.json (docs/ref/datasets.md)';
const VIDEO = /\.(?:avi|mp4|mkv)$/i;

const videosIn = async (folder: string): Promise<readonly string[]> => {
  const videos = (await listFiles(folder, EXPECTED)).filter((path) => VIDEO.test(path));
  if (videos.length > 0) return videos;
  throw new PatchwatchError('DATASET_INVALID', `${folder} holds no videos: ${EXPECTED}`);
};

const clipOf = (path: string, labels: Uint8Array | undefined): Clip => ({
  id: stemOf(path),
  footage: { kind: 'video', path },
  labels,
  masks: undefined,
});

/** @throws PatchwatchError DATASET_INVALID */
export const readAvenue = async (root: string): Promise<Dataset> => {
  const path = join(root, 'labels.json');
  const labels = await readLabels(path);
  const training = await videosIn(join(root, 'training_videos'));
  const testing = await videosIn(join(root, 'testing_videos'));
  const unlabelled = testing.find((video) => labels?.has(stemOf(video)) !== true);
  if (unlabelled !== undefined) {
    const problem = labels === undefined ? 'does not exist' : `has no clip ${stemOf(unlabelled)}`;
    throw new PatchwatchError('DATASET_INVALID', `${path} ${problem}: ${EXPECTED}`);
  }
  return {
    name: 'avenue',
    footageKind: 'video',
    framesPerSecond: 25,
    trainClips: training.map((video) => clipOf(video, undefined)),
    testClips: testing.map((video) => clipOf(video, labels?.get(stemOf(video)))),
  };
};
