// The files and sub-folders of a folder, in natural order (2 before 10).
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { PatchwatchError, systemErrorCode } from '../core/errors.ts';

const IMAGE = /\.(jpe?g|png|webp|tiff?)$/i;
const byNumber = new Intl.Collator('en', { numeric: true });

export const isImage = (path: string): boolean => IMAGE.test(path);

const listEntries = async (folder: string, expected: string) => {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => byNumber.compare(a.name, b.name));
  } catch (error) {
    throw new PatchwatchError(
      'DATASET_INVALID',
      `${folder} can't be read (${systemErrorCode(error) ?? 'unknown error'}): ${expected}; check --root`,
      { cause: error },
    );
  }
};

/** @param expected what the folder should hold, for the error message */
export const listFiles = async (folder: string, expected: string): Promise<readonly string[]> =>
  (await listEntries(folder, expected))
    .filter((entry) => entry.isFile())
    .map((entry) => join(folder, entry.name));

/** The folder's images, at least one. */
export const listImages = async (folder: string, expected: string): Promise<readonly string[]> => {
  const images = (await listFiles(folder, expected)).filter(isImage);
  if (images.length > 0) return images;
  throw new PatchwatchError('DATASET_INVALID', `${folder} holds no images: ${expected}`);
};

/** Names of the sub-folders. */
export const listFolders = async (folder: string, expected: string): Promise<readonly string[]> =>
  (await listEntries(folder, expected))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
