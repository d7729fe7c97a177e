// Any footage: `normal/` to fit and `test/` to score, each of images, videos, or sub-folders of either.
// Images of one folder are one clip. Labels, as far as they can be had:
// - labels.json (see labels-file.ts), by clip id: the only way for videos, whose frames are not counted here;
// - else, when `test/` has a sub-folder `good` or `normal`: its images are normal, those of all others anomalous
//   (without one, sub-folders are taken as mere clips);
// - ground_truth/<sub-folder>/<image>.png (or <image>_mask.png) is an image's mask; with `ground_truth/`, images
//   labelled anomalous must have one.
import { basename, join } from 'node:path';

import { PatchwatchError } from '../core/errors.ts';
import type { Clip, Dataset, Footage } from './dataset.ts';
import { readLabels } from './labels-file.ts';
import { isImage, listFiles, listFolders, stemOf } from './list-images.ts';

const EXPECTED = 'expected normal/ and test/ with images, videos, or folders of either';
const MASKS_EXPECTED = 'with ground_truth/, every anomalous image needs its mask there';
const VIDEO = /\.(?:mp4|mkv|avi|mov|webm|m4v)$/i;
const NORMAL_NAMES: readonly string[] = ['good', 'normal'];

type Labels = ReadonlyMap<string, Uint8Array>;

interface Found {
  readonly id: string;
  /** Sub-folder that it is in; undefined directly in the part. */
  readonly kind: string | undefined;
  readonly footage: Footage;
}

const invalid = (problem: string, expected = EXPECTED): PatchwatchError =>
  new PatchwatchError('DATASET_INVALID', `${problem}: ${expected}; check --root`);

/** Clips of one folder: its images together, and each of its videos. */
const clipsIn = async (folder: string, kind: string | undefined): Promise<Found[]> => {
  const files = await listFiles(folder, EXPECTED);
  const paths = files.filter(isImage);
  const images: Found = { id: kind ?? basename(folder), kind, footage: { kind: 'images', paths } };
  const videos = files
    .filter((file) => VIDEO.test(file))
    .map((path): Found => {
      const id = kind === undefined ? basename(path) : `${kind}/${basename(path)}`;
      return { id, kind, footage: { kind: 'video', path } };
    });
  return paths.length > 0 ? [images, ...videos] : videos;
};

const findClips = async (folder: string): Promise<Found[]> => {
  const kinds = await listFolders(folder, EXPECTED);
  const nested = await Promise.all(kinds.map((kind) => clipsIn(join(folder, kind), kind)));
  const found = [...(await clipsIn(folder, undefined)), ...nested.flat()];
  if (found.length === 0) throw invalid(`${folder} holds no footage`);
  return found;
};

const labelsFor = (
  { id, kind, footage }: Found,
  written: Labels | undefined,
  namesTell: boolean,
): Uint8Array | undefined => {
  const labels = written?.get(id);
  if (footage.kind === 'video') return labels;
  const frameCount = footage.paths.length;
  if (labels !== undefined && labels.length !== frameCount) {
    throw invalid(
      `labels.json has ${labels.length} frames for clip ${id}, which has ${frameCount} images`,
    );
  }
  if (labels !== undefined || !namesTell || kind === undefined) return labels;
  return new Uint8Array(frameCount).fill(NORMAL_NAMES.includes(kind) ? 0 : 1);
};

/** One per image; undefined for videos, and for clips without any mask where labels don't ask for one. */
const masksFor = async (
  root: string,
  { kind, footage }: Found,
  labels: Uint8Array | undefined,
): Promise<readonly (string | undefined)[] | undefined> => {
  if (footage.kind === 'video' || kind === undefined) return undefined;
  const folder = join(root, 'ground_truth', kind);
  const kinds = await listFolders(join(root, 'ground_truth'), MASKS_EXPECTED);
  const files = kinds.includes(kind) ? await listFiles(folder, MASKS_EXPECTED) : [];
  const byStem = new Map(files.map((file) => [stemOf(file), file]));
  if (byStem.size === 0 && labels === undefined) return undefined;
  return footage.paths.map((path, index) => {
    if (labels?.[index] === 0) return undefined;
    const mask = byStem.get(`${stemOf(path)}_mask`) ?? byStem.get(stemOf(path));
    if (mask !== undefined || labels === undefined) return mask;
    throw invalid(`${join(folder, `${stemOf(path)}.png`)} does not exist`, MASKS_EXPECTED);
  });
};

/** @throws PatchwatchError DATASET_INVALID */
export const readFolder = async (root: string): Promise<Dataset> => {
  const normal = await findClips(join(root, 'normal'));
  const test = await findClips(join(root, 'test'));
  const written = await readLabels(join(root, 'labels.json'));
  const unknown = [...(written?.keys() ?? [])].find((id) => !test.some((clip) => clip.id === id));
  if (unknown !== undefined) {
    const known = test.map((clip) => clip.id).join(', ');
    throw invalid(`labels.json names clip ${unknown}, and test/ holds ${known}`);
  }
  const hasMasks = (await listFolders(root, EXPECTED)).includes('ground_truth');
  const namesTell = test.some(({ kind }) => kind !== undefined && NORMAL_NAMES.includes(kind));
  const testClips = test.map(async (found): Promise<Clip> => {
    const labels = labelsFor(found, written, namesTell);
    const masks = hasMasks ? await masksFor(root, found, labels) : undefined;
    return { id: found.id, footage: found.footage, labels, masks };
  });
  return {
    name: 'folder',
    footageKind: undefined,
    trainClips: normal.map(({ id, footage }) => ({
      id,
      footage,
      labels: undefined,
      masks: undefined,
    })),
    testClips: await Promise.all(testClips),
  };
};
