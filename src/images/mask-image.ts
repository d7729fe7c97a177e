// Masks from image files, whatever their size: an image, or one that is turned as its frame was.
import sharp from 'sharp';

import { FRAME_SIDE, MAX_PIXELS } from '../core/frame.ts';
import type { StillGeometry } from './still-geometry.ts';
import { turnedPicture } from './turned-picture.ts';
import { undecodable } from './undecodable.ts';

const CHANNELS = 3;

/** (row, column) FRAME_SIDE × FRAME_SIDE, 1 where the mask is set, else 0. @throws PatchwatchError DATASET_INVALID */
export const readMaskImage = (path: string, geometry?: StillGeometry): Promise<Uint8Array> =>
  geometry === undefined ? readPlainMask(path) : readTurnedMask(path, geometry);

const readTurnedMask = async (path: string, geometry: StillGeometry): Promise<Uint8Array> => {
  try {
    const data = await turnedPicture(
      sharp(path, { limitInputPixels: MAX_PIXELS }).toColourspace('srgb').removeAlpha(),
      geometry,
      'nearest',
    );
    // Turning blurs the edge: what is more than half covered counts.
    return Uint8Array.from({ length: FRAME_SIDE * FRAME_SIDE }, (_, pixel) =>
      (data[pixel * CHANNELS] ?? 0) >= 128 ? 1 : 0,
    );
  } catch (error) {
    throw undecodable(path, error);
  }
};

const readPlainMask = async (path: string): Promise<Uint8Array> => {
  try {
    const { data, info } = await sharp(path, { limitInputPixels: MAX_PIXELS })
      .extractChannel(0)
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return nearestMask(data, info.width, info.height);
  } catch (error) {
    throw undecodable(path, error);
  }
};

/** Of one byte a pixel, row-major: the nearest pixel centre counts, as in Pillow's NEAREST, so that none is half set. */
export const nearestMask = (data: Uint8Array, width: number, height: number): Uint8Array => {
  const columns = nearest(width);
  const mask = new Uint8Array(FRAME_SIDE * FRAME_SIDE);
  nearest(height).forEach((sourceRow, row) => {
    const source = data.subarray(sourceRow * width, (sourceRow + 1) * width);
    columns.forEach((sourceColumn, column) => {
      if (source[sourceColumn] !== 0) mask[row * FRAME_SIDE + column] = 1;
    });
  });
  return mask;
};

const nearest = (size: number): readonly number[] =>
  Array.from({ length: FRAME_SIDE }, (_, at) => Math.floor(((at + 0.5) * size) / FRAME_SIDE));
