// The files and sub-folders of a folder, in natural order (2 before 10). Links count as what they lead to;
// hidden files are left out.
import { readdir, stat } from 'node:fs/promises';
import { extname, join, parse } from 'node:path';

import { PatchwatchError, systemErrorCode } from '../core/errors.ts';

const IMAGE = /\.(?:jpe?g|png|webp|tiff?)$/i;

export const isImage = (path: string): boolean => IMAGE.test(path);

/** Name without folder and extension, by which frames and masks belong together. */
export const stemOf = (path: string): string => parse(path).name;

const compareNames = (a: string, b: string, collator: Intl.Collator): number =>
  collator.compare(a, b) || (a < b ? -1 : Number(a > b));

const listEntries = async (folder: string, expected: string) => {
  try {
    const collator = new Intl.Collator('en', { numeric: true });
    const names = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => !entry.name.startsWith('.'))
      .sort((a, b) => compareNames(a.name, b.name, collator));
    return await Promise.all(
      names.map(async (entry) => {
        const real = entry.isSymbolicLink() ? await stat(join(folder, entry.name)) : entry;
        return { name: entry.name, isFile: real.isFile(), isFolder: real.isDirectory() };
      }),
    );
  } catch (error) {
    const code = systemErrorCode(error);
    const reason =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'ENOTDIR'
          ? 'is not a folder'
          : `can't be read (${code ?? 'unknown error'})`;
    throw new PatchwatchError('DATASET_INVALID', `${folder} ${reason}: ${expected}; check --root`, {
      cause: error,
    });
  }
};

/** @param expected what the folder should hold, for the error message */
export const listFiles = async (folder: string, expected: string): Promise<readonly string[]> =>
  (await listEntries(folder, expected))
    .filter((entry) => entry.isFile)
    .map((entry) => join(folder, entry.name));

/** The folder's images, at least one. */
export const listImages = async (folder: string, expected: string): Promise<readonly string[]> => {
  const files = await listFiles(folder, expected);
  const images = files.filter(isImage);
  if (images.length > 0) return images;
  const others = [...new Set(files.map((file) => extname(file)))].slice(0, 3).join(' ');
  throw new PatchwatchError(
    'DATASET_INVALID',
    `${folder} holds no images (jpg, png, webp or tif)${others && `, only ${others}`}: ${expected}; check --root`,
  );
};

/** Names of the sub-folders. */
export const listFolders = async (folder: string, expected: string): Promise<readonly string[]> =>
  (await listEntries(folder, expected))
    .filter((entry) => entry.isFolder)
    .map((entry) => entry.name);
