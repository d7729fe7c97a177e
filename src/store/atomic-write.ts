// Writes a file so that, whatever happens, either the old or the new content is there, whole.
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { PatchwatchError, systemErrorCode } from '../core/errors.ts';

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

/** @throws PatchwatchError STORAGE_FAILED; nothing is left behind then. */
export const writeAtomically = async (
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> => {
  const folder = dirname(path);
  const temporary = join(folder, `.${randomUUID()}${TEMPORARY_SUFFIX}`);
  try {
    await mkdir(folder, { recursive: true });
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
    throw storageFailed(path, error);
  }
};

export const storageFailed = (path: string, error: unknown): PatchwatchError => {
  const code = systemErrorCode(error) ?? 'unknown error';
  const remedy =
    code === 'ENOSPC' ? 'free some space or move dataDir' : 'check the permissions of its folder';
  return new PatchwatchError('STORAGE_FAILED', `can't write ${path} (${code}): ${remedy}`, {
    cause: error,
  });
};
