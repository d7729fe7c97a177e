// Makes folders and files from a list of paths; files are empty but for what is given.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const makeFiles = async (
  root: string,
  paths: readonly string[],
  contents: Readonly<Record<string, string>> = {},
): Promise<void> => {
  for (const path of [...paths, ...Object.keys(contents)]) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), contents[path] ?? '');
  }
};
