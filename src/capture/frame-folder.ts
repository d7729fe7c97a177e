// A folder of frames as a source: which files are frames, in natural order (frame2 before frame10),
// and the list that ffmpeg's concat demuxer reads on stdin. A list instead of a name pattern, because
// names are whatever the camera or data set chose.
import { readdir } from 'node:fs/promises';
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

/** Absolute paths of the frames in natural order; throws SOURCE_UNREADABLE when they can't be played. */
export const listFrames = async (folder: string): Promise<string[]> => {
  const names = naturalOrder(
    (await readdir(folder)).filter((name) => formatOf(name) !== undefined),
  );
  if (names.length === 0) {
    throw unreadable(folder, 'it holds no frames; jpeg, png, bmp, tiff, webp, pgm or ppm expected');
  }
  const formats = [...new Set(names.map(formatOf))];
  if (formats.length > 1) {
    throw unreadable(folder, `it mixes ${formats.join(' and ')}; keep frames of one format in it`);
  }
  const broken = names.find((name) => /[\r\n]/.test(name));
  if (broken !== undefined) {
    throw unreadable(folder, `the name ${JSON.stringify(broken)} has a line break; rename it`);
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
