// Writes a file so that, whatever happens, either the old or the new content is there, whole: a temporary file
// beside it, flushed, renamed over it, and the folder flushed too, without which a power cut can undo the rename.
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { storageFailed } from './storage-failure.ts';

/** Temporary files carry this ending; a crash can leave one behind. */
export const TEMPORARY_SUFFIX = '.partial';

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** A new folder is an entry of its parent, which must reach the disk as well. */
const makeFolder = async (folder: string): Promise<void> => {
  const firstMade = await mkdir(folder, { recursive: true });
  if (firstMade === undefined) return;
  for (let made = folder; made.length >= firstMade.length; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
};

/** @throws PatchwatchError STORAGE_FAILED; nothing is left behind then. */
export const writeAtomically = async (
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> => {
  const folder = dirname(path);
  const temporary = join(folder, `.${randomUUID()}${TEMPORARY_SUFFIX}`);
  try {
    await makeFolder(folder);
    const handle = await open(temporary, 'wx');
    try {
      for (const part of parts) await handle.writeFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw storageFailed('write', path, error);
  }
};
