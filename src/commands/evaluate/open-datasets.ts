// The data sets that `evaluate` knows, by name.
import { PatchwatchError } from '../../core/errors.ts';
import { readAvenue } from '../../datasets/avenue.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { readFolder } from '../../datasets/folder.ts';
import { readMvtec, readRdMvtec } from '../../datasets/mvtec.ts';
import { readPed2 } from '../../datasets/ped2.ts';
import { readStc, readStcPooled } from '../../datasets/stc.ts';
import { seededRandom } from '../../padim/maths/random.ts';

export interface DatasetOptions {
  readonly dataset: string;
  readonly root: string;
  readonly category: string | undefined;
  readonly seed: number;
}

type Read = (options: DatasetOptions) => Promise<Dataset | readonly Dataset[]>;

const READERS: Readonly<Record<string, Read>> = {
  ped2: ({ root }) => readPed2(root),
  mvtec: ({ root, category }) => readMvtec(root, category),
  'rd-mvtec': ({ root, category, seed }) => readRdMvtec(root, category, seededRandom(seed)),
  stc: ({ root }) => readStc(root),
  'stc-pooled': ({ root }) => readStcPooled(root),
  avenue: ({ root }) => readAvenue(root),
  folder: ({ root }) => readFolder(root),
};

export const DATASET_NAMES: readonly string[] = Object.keys(READERS);

/** Several where scenes are learnt one by one. @throws PatchwatchError USAGE, DATASET_INVALID */
export const openDatasets = async (options: DatasetOptions): Promise<readonly Dataset[]> => {
  const read = READERS[options.dataset];
  if (read === undefined) {
    throw new PatchwatchError(
      'USAGE',
      `data set "${options.dataset}" is unknown; allowed: ${DATASET_NAMES.join(', ')}`,
    );
  }
  return [await read(options)].flat();
};
