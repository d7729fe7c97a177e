// What the file system refused, as one line with a remedy.
import { PatchwatchError, systemErrorCode } from '../core/errors.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space or move dataDir',
  EDQUOT: 'raise the quota or move dataDir',
  EACCES: 'give the user that runs patchwatch access to its folder, or move dataDir',
  EPERM: 'give the user that runs patchwatch access to its folder, or move dataDir',
  EROFS: 'the disk is mounted read-only: mount it writable or move dataDir',
  ENOTDIR: 'a file is where a folder is needed: move it away or change dataDir',
  EEXIST: 'a file is where a folder is needed: move it away or change dataDir',
  EISDIR: 'a folder is where a file is needed: move it away or change dataDir',
};

export const storageFailed = (
  action: 'read' | 'write',
  path: string,
  error: unknown,
): PatchwatchError => {
  const code = systemErrorCode(error) ?? 'unknown error';
  const remedy = REMEDIES[code] ?? 'check the disk and the permissions of its folder';
  return new PatchwatchError('STORAGE_FAILED', `can't ${action} ${path} (${code}): ${remedy}`, {
    cause: error,
  });
};
