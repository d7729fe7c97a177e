// UCSD Ped2: training/frames/NN to fit; testing/frames/NN with testing/masks/NN (one mask a frame, of the same
// name) and labels.json to score.
import { join } from 'node:path';

import { PatchwatchError } from '../core/errors.ts';
import type { Clip, Dataset } from './dataset.ts';
import { readLabels } from './labels-file.ts';
import { listFolders, listImages, stemOf } from './list-images.ts';

const EXPECTED =
  'expected training/frames/NN, testing/frames/NN, testing/masks/NN and labels.json of UCSD Ped2';

const invalid = (problem: string): PatchwatchError =>
  new PatchwatchError('DATASET_INVALID', `${problem}: ${EXPECTED}; check --root`);

const clipFolders = async (root: string, part: string): Promise<readonly string[]> => {
  const folder = join(root, part, 'frames');
  const ids = await listFolders(folder, EXPECTED);
  if (ids.length === 0) throw invalid(`${folder} holds no clips`);
  return ids;
};

const trainClip = async (root: string, id: string): Promise<Clip> => {
  const paths = await listImages(join(root, 'training', 'frames', id), EXPECTED);
  return { id, footage: { kind: 'images', paths }, labels: undefined, masks: undefined };
};

/** Frames, masks and labels must be of the same frames, or every figure would be quietly wrong. */
const testClip = async (
  root: string,
  id: string,
  labels: Uint8Array | undefined,
): Promise<Clip> => {
  const folder = join(root, 'testing', 'masks', id);
  const paths = await listImages(join(root, 'testing', 'frames', id), EXPECTED);
  const masks = await listImages(folder, EXPECTED);
  const unmatched = paths.find((path, index) => stemOf(path) !== stemOf(masks[index] ?? ''));
  if (unmatched !== undefined || masks.length !== paths.length) {
    const first = unmatched === undefined ? '' : `, first at frame ${stemOf(unmatched)}`;
    throw invalid(
      `${folder} does not match the frames of clip ${id} (${masks.length} masks, ${paths.length} frames${first})`,
    );
  }
  if (labels?.length !== paths.length) {
    const said = labels === undefined ? 'no entry' : `${labels.length} frames`;
    throw invalid(
      `${join(root, 'labels.json')} has ${said} for clip ${id}, which has ${paths.length} frames`,
    );
  }
  return { id, footage: { kind: 'images', paths }, labels, masks };
};

/** @throws PatchwatchError DATASET_INVALID */
export const readPed2 = async (root: string): Promise<Dataset> => {
  const trainIds = await clipFolders(root, 'training');
  const testIds = await clipFolders(root, 'testing');
  const path = join(root, 'labels.json');
  const labels = await readLabels(path);
  if (labels === undefined) throw invalid(`${path} does not exist`);
  return {
    name: 'ped2',
    footageKind: 'video',
    framesPerSecond: 10,
    trainClips: await Promise.all(trainIds.map((id) => trainClip(root, id))),
    testClips: await Promise.all(testIds.map((id) => testClip(root, id, labels.get(id)))),
  };
};
