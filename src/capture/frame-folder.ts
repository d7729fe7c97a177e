// A folder of frames as a source: which files are frames, in natural order (frame2 before frame10),
// and the list that ffmpeg's concat demuxer reads on stdin. A list instead of a name pattern, because
// names are whatever the camera or data set chose.
import { open, readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { PatchwatchError } from '../core/errors.ts';

const FORMAT_BY_EXTENSION: Readonly<Partial<Record<string, string>>> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.png': 'png',
  '.bmp': 'bmp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.webp': 'webp',
  '.pgm': 'pgm',
  '.ppm': 'ppm',
};

const formatOf = (name: string): string | undefined =>
  name.startsWith('.') ? undefined : FORMAT_BY_EXTENSION[extname(name).toLowerCase()];

/** Runs of digits by value; equal values (`1`, `01`) by code point, so that the order is total. */
export const naturalOrder = (names: readonly string[]): string[] => {
  const collator = new Intl.Collator('en', { numeric: true });
  return [...names].sort((a, b) => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0));
};

const unreadable = (folder: string, problem: string): PatchwatchError =>
  new PatchwatchError('SOURCE_UNREADABLE', `cannot play the folder ${folder}: ${problem}`);

/** What keeps ffmpeg from reading the file, and would end the series there; undefined when nothing seems to. */
const problemOf = async (folder: string, name: string): Promise<string | undefined> => {
  if (/[\r\n]/.test(name)) return 'its name has a line break; rename it';
  if (/%\d*d/.test(name)) return 'its name holds %d, which ffmpeg takes for a number; rename it';
  const info = await stat(join(folder, name)).catch(() => undefined);
  if (info === undefined) return "it can't be read";
  if (!info.isFile()) return 'it is not a file';
  if (info.size === 0) return 'it is empty';
  const format = formatOf(name);
  const start = format === undefined ? undefined : START_BY_FORMAT[format];
  if (start === undefined) return undefined;
  const head = await headOf(join(folder, name), start.length);
  return head?.equals(start) === true ? undefined : `it is not a ${format} picture`;
};

const START_BY_FORMAT: Readonly<Partial<Record<string, Buffer>>> = {
  jpeg: Buffer.from([0xff, 0xd8]),
  png: Buffer.from([0x89, 0x50, 0x4e, 0x47]),
};

const headOf = async (path: string, byteCount: number): Promise<Buffer | undefined> => {
  try {
    await using file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(byteCount), 0, byteCount, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return undefined;
  }
};

export type TellSkipped = (name: string, problem: string) => void;

/**
 * Absolute paths of the frames in natural order, without those that can't be played, which are told; throws
 * SOURCE_UNREADABLE when none is left.
 */
export const listFrames = async (folder: string, tellSkipped: TellSkipped): Promise<string[]> => {
  const candidates = naturalOrder(
    (await readdir(folder)).filter((name) => formatOf(name) !== undefined),
  );
  const names: string[] = [];
  for (const name of candidates) {
    const problem = await problemOf(folder, name);
    if (problem === undefined) names.push(name);
    else tellSkipped(name, problem);
  }
  if (names.length === 0) {
    throw unreadable(folder, 'it holds no frames; jpeg, png, bmp, tiff, webp, pgm or ppm expected');
  }
  const formats = [...new Set(names.map(formatOf))];
  if (formats.length > 1) {
    throw unreadable(folder, `it mixes ${formats.join(' and ')}; keep frames of one format in it`);
  }
  return names.map((name) => join(folder, name));
};

/**
 * One frame a second: the demuxer rounds times to its own 1/25 s, which whole seconds survive; the
 * real rate is restored by a filter. `file:` because bare paths would be taken relative to the pipe.
 */
export const concatList = (paths: readonly string[]): string =>
  `ffconcat version 1.0\n${paths
    .map((path) => `file 'file:${path.replaceAll("'", String.raw`'\''`)}'\nduration 1\n`)
    .join('')}`;
