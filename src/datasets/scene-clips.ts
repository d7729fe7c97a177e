// A folder of videos with JSON beside them (docs/ref/datasets.md). A file that holds one object describes one real
// clip; a list describes clips that were made from bases.
import { readSmallFile } from '../process/read-small-file.ts';
import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';

import { PatchwatchError, systemErrorCode } from '../core/errors.ts';
import { realClip } from './real-clip.ts';
import type { SceneClip } from './scene-clip.ts';
import { ClipFields } from './clip-fields.ts';
import { stagedClip } from './staged-clip.ts';

/** Far more than any holds. */
const MAX_BYTES = 16 * 1024 * 1024;

const EXPECTED = 'expected videos with JSON beside them (docs/ref/datasets.md)';

const invalid = (problem: string, cause?: unknown): PatchwatchError =>
  new PatchwatchError('DATASET_INVALID', `${problem}: ${EXPECTED}; check --root`, { cause });

/**
 * The folder's clips, or those of its folders `scenes` and `staged` where it has no JSON of its own, by name.
 *
 * @param category clips whose name holds it; all when undefined
 * @throws PatchwatchError DATASET_INVALID
 */
export const readSceneClips = async (
  root: string,
  category: string | undefined,
): Promise<readonly SceneClip[]> => {
  const own = await clipsOf(root);
  const clips =
    own.length > 0
      ? own
      : [...(await clipsOf(join(root, 'scenes'))), ...(await clipsOf(join(root, 'staged')))];
  const wanted = clips.filter(({ id }) => category === undefined || id.includes(category));
  if (wanted.length > 0) return wanted;
  throw invalid(
    category === undefined
      ? `${root} holds none`
      : `no clip in ${root} is named like "${category}"`,
  );
};

const clipsOf = async (folder: string): Promise<readonly SceneClip[]> => {
  const clips: SceneClip[] = [];
  for (const file of await jsonFiles(folder)) {
    const parsed = await parse(file);
    if (Array.isArray(parsed)) {
      for (const entry of parsed as readonly unknown[]) {
        clips.push(await stagedClip(folder, new ClipFields(entry, file)));
      }
    } else clips.push(realClip(folder, new ClipFields(parsed, file)));
  }
  return clips;
};

const jsonFiles = async (folder: string): Promise<readonly string[]> => {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => extname(name) === '.json')
      .sort((a, b) => basename(a).localeCompare(basename(b)))
      .map((name) => join(folder, name));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw invalid(`${folder} can't be read`, error);
  }
};

const parse = async (path: string): Promise<unknown> => {
  try {
    return JSON.parse((await readSmallFile(path, MAX_BYTES)).toString('utf8'));
  } catch (error) {
    throw invalid(`${path} can't be read as JSON`, error);
  }
};
