// UCSD Ped2: training/frames/NN, testing/frames/NN, testing/masks/NN. A frame is anomalous where its mask has
// a pixel set, which is also what labels.json says.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { PatchwatchError } from '../core/errors.ts';
import type { Clip, Dataset } from './dataset.ts';
import { listFolders, listImages } from './list-images.ts';

const labelsSchema = z.record(
  z.string(),
  z.object({
    frames: z.int().positive(),
    anomalous_0based_inclusive: z.array(z.tuple([z.int(), z.int()])),
  }),
);

const EXPECTED = 'expected training/frames/NN, testing/frames/NN and testing/masks/NN';

export const readPed2 = async (root: string): Promise<Dataset> => {
  const labels = await readLabels(join(root, 'labels.json'));
  const clipIds = async (part: string) => listFolders(join(root, part, 'frames'), EXPECTED);
  return {
    name: 'ped2',
    trainClips: await Promise.all(
      (await clipIds('training')).map(async (id): Promise<Clip> => ({
        id,
        footage: {
          kind: 'images',
          paths: await listImages(join(root, 'training', 'frames', id), EXPECTED),
        },
        labels: undefined,
        masks: undefined,
      })),
    ),
    testClips: await Promise.all(
      (await clipIds('testing')).map(async (id): Promise<Clip> => {
        const paths = await listImages(join(root, 'testing', 'frames', id), EXPECTED);
        const masks = await listImages(join(root, 'testing', 'masks', id), EXPECTED);
        const intervals = labels[id]?.anomalous_0based_inclusive;
        if (intervals === undefined || masks.length !== paths.length) {
          throw new PatchwatchError(
            'DATASET_INVALID',
            `${root}: clip ${id} has ${paths.length} frames, ${masks.length} masks and ${intervals === undefined ? 'no' : 'an'} entry in labels.json: all three must agree`,
          );
        }
        const isAnomalous = (frame: number): boolean =>
          intervals.some(([first, last]) => frame >= first && frame <= last);
        return {
          id,
          footage: { kind: 'images', paths },
          masks,
          labels: Uint8Array.from(paths, (_, frame) => Number(isAnomalous(frame))),
        };
      }),
    ),
  };
};

const readLabels = async (path: string): Promise<z.output<typeof labelsSchema>> => {
  try {
    return labelsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new PatchwatchError(
      'DATASET_INVALID',
      `${path} is missing or not in its format: expected {"01": {"frames": 180, "anomalous_0based_inclusive": [[60, 179]]}, …}`,
      { cause: error },
    );
  }
};
