// The live page: a handful of files, read once.
import { readFile, readdir } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

/** By the path that a browser asks for. */
export const readPageFiles = async (): Promise<ReadonlyMap<string, PageFile>> => {
  const folder = new URL('./ui/', import.meta.url);
  const files = new Map<string, PageFile>();
  for (const name of await readdir(fileURLToPath(folder))) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const file = { type, body: await readFile(new URL(name, folder)) };
    files.set(name === 'index.html' ? '/' : `/${name}`, file);
  }
  return files;
};
