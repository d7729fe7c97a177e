// MVTec AD: CATEGORY/train/good to fit; test/<kind> to score, with ground_truth/<kind>/<stem>_mask.png for all kinds
// but `good`. And Rd-MVTec, the same with every picture turned and cropped at random.
import { join } from 'node:path';

import { PatchwatchError } from '../core/errors.ts';
import type { Clip, Dataset } from './dataset.ts';
import { listFiles, listFolders, listImages, stemOf } from './list-images.ts';
import { CENTRE_CROP, drawGeometry, type StillGeometry } from '../images/still-geometry.ts';

const EXPECTED =
  'expected CATEGORY/train/good, CATEGORY/test/<kind> and CATEGORY/ground_truth/<kind> of MVTec AD';
const NORMAL = 'good';

const invalid = (problem: string): PatchwatchError =>
  new PatchwatchError('DATASET_INVALID', `${problem}: ${EXPECTED}; check --root and --category`);

/** The folder of a category, which may be the root itself. */
const categoryFolder = async (root: string, category: string | undefined): Promise<string> => {
  const folders = await listFolders(root, EXPECTED);
  if (category === undefined && folders.includes('train')) return root;
  if (category !== undefined && folders.includes(category)) return join(root, category);
  const wanted = category === undefined ? 'a category is needed' : `there is no "${category}"`;
  throw invalid(`${root}: ${wanted}; there are: ${folders.join(', ') || 'none'}`);
};

/** Every anomalous picture has a mask, or pixel figures would be quietly wrong. */
const masksFor = async (
  folder: string,
  kind: string,
  paths: readonly string[],
): Promise<readonly (string | undefined)[]> => {
  if (kind === NORMAL) return paths.map(() => undefined);
  const masks = await listFiles(join(folder, 'ground_truth', kind), EXPECTED);
  const byStem = new Map(masks.map((mask) => [stemOf(mask), mask]));
  return paths.map((path) => {
    const mask = byStem.get(`${stemOf(path)}_mask`) ?? byStem.get(stemOf(path));
    if (mask !== undefined) return mask;
    const missing = join(folder, 'ground_truth', kind, `${stemOf(path)}_mask.png`);
    throw invalid(`${missing} does not exist`);
  });
};

interface MvtecOptions {
  readonly root: string;
  readonly category: string | undefined;
  readonly name: string;
  readonly geometry: () => StillGeometry;
}

const readCategory = async (options: MvtecOptions): Promise<Dataset> => {
  const { root, category, name, geometry } = options;
  const folder = await categoryFolder(root, category);
  const clipOf = async (part: string, kind: string): Promise<Clip> => {
    const paths = await listImages(join(folder, part, kind), EXPECTED);
    const isTest = part === 'test';
    return {
      id: `${part}/${kind}`,
      footage: { kind: 'images', paths },
      geometries: paths.map(geometry),
      labels: isTest ? new Uint8Array(paths.length).fill(kind === NORMAL ? 0 : 1) : undefined,
      masks: isTest ? await masksFor(folder, kind, paths) : undefined,
    };
  };
  const train = await clipOf('train', NORMAL);
  const testClips: Clip[] = [];
  // One after the other: the geometries are drawn in this order.
  for (const kind of await listFolders(join(folder, 'test'), EXPECTED)) {
    testClips.push(await clipOf('test', kind));
  }
  if (testClips.length === 0) throw invalid(`${join(folder, 'test')} holds no kinds`);
  return { name, footageKind: 'stills', trainClips: [train], testClips };
};

/** @throws PatchwatchError DATASET_INVALID */
export const readMvtec = (root: string, category: string | undefined): Promise<Dataset> =>
  readCategory({ root, category, name: 'mvtec', geometry: () => CENTRE_CROP });

/**
 * @param random numbers in [0, 1), the same sequence for the same pictures
 * @throws PatchwatchError DATASET_INVALID
 */
export const readRdMvtec = (
  root: string,
  category: string | undefined,
  random: () => number,
): Promise<Dataset> =>
  readCategory({ root, category, name: 'rd-mvtec', geometry: () => drawGeometry(random) });
