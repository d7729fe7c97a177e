// Any footage: `normal/` to fit and `test/` to score, each a folder of images, of videos, or of such folders.
// Labels come from names alone: below `test/`, a folder called `normal` or `good` holds normal images, any other
// folder anomalous ones; `ground_truth/<folder>/<image>.png` (or `<image>_mask.png`) is an image's mask.
// Videos have no labels per frame.
import { access, readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';

import { PatchwatchError } from '../core/errors.ts';
import type { Clip, Dataset } from './dataset.ts';
import { isImage, listFiles, listFolders } from './list-images.ts';

const EXPECTED = 'expected normal/ and test/ with images, videos or folders of images';
const VIDEO = /\.(mp4|mkv|avi|mov|webm|m4v)$/i;
const NORMAL_NAMES = new Set(['normal', 'good']);

export const readFolder = async (root: string): Promise<Dataset> => {
  const trainClips = await readPart(join(root, 'normal'), () => undefined);
  const testClips = await readPart(join(root, 'test'), (kind, paths) =>
    kind === undefined ? undefined : paths.map(() => (NORMAL_NAMES.has(kind) ? 0 : 1)),
  );
  for (const [part, clips] of [
    ['normal', trainClips],
    ['test', testClips],
  ] as const) {
    if (clips.length > 0) continue;
    throw new PatchwatchError(
      'DATASET_INVALID',
      `${join(root, part)} holds no footage: ${EXPECTED}`,
    );
  }
  return { name: 'folder', trainClips, testClips: await addMasks(root, testClips) };
};

/** Images of the folder itself (kind undefined), of each sub-folder (kind its name), and videos of both. */
const readPart = async (
  folder: string,
  labelsOf: (kind: string | undefined, paths: readonly string[]) => readonly number[] | undefined,
): Promise<readonly Clip[]> => {
  const kinds = [undefined, ...(await listFolders(folder, EXPECTED))];
  const clips: Clip[] = [];
  for (const kind of kinds) {
    const place = kind === undefined ? folder : join(folder, kind);
    const files = await listFiles(place, EXPECTED);
    const paths = files.filter(isImage);
    const id = kind ?? basename(folder);
    if (paths.length > 0) {
      const labels = labelsOf(kind, paths);
      clips.push({
        id,
        footage: { kind: 'images', paths },
        labels: labels === undefined ? undefined : Uint8Array.from(labels),
        masks: undefined,
      });
    }
    for (const path of files.filter((file) => VIDEO.test(file))) {
      const footage = { kind: 'video', path } as const;
      clips.push({ id: `${id}/${basename(path)}`, footage, labels: undefined, masks: undefined });
    }
  }
  return clips;
};

/** With a `ground_truth` folder, every anomalous image must have its mask. */
const addMasks = async (root: string, clips: readonly Clip[]): Promise<readonly Clip[]> => {
  const truth = join(root, 'ground_truth');
  if (
    !(await access(truth).then(
      () => true,
      () => false,
    ))
  )
    return clips;
  return Promise.all(
    clips.map(async (clip): Promise<Clip> => {
      if (clip.footage.kind === 'video' || clip.labels === undefined) return clip;
      const folder = join(truth, clip.id);
      const names = new Set(await readdir(folder).catch(() => []));
      const masks = clip.footage.paths.map((path, index) => {
        if (clip.labels?.[index] === 0) return undefined;
        const stem = basename(path, extname(path));
        const name = [`${stem}.png`, `${stem}_mask.png`].find((candidate) => names.has(candidate));
        if (name !== undefined) return join(folder, name);
        throw new PatchwatchError(
          'DATASET_INVALID',
          `${join(folder, `${stem}.png`)} is missing: with ground_truth/ every anomalous image needs its mask`,
        );
      });
      return { ...clip, masks };
    }),
  );
};
