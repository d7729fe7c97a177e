// Reads a frame's mask: an image, an image turned as its frame was, or a frame of an array.
import { nearestMask, readMaskImage } from '../images/mask-image.ts';
import type { StillGeometry } from '../images/still-geometry.ts';
import type { MaskSource } from './dataset.ts';
import { readNpy } from './npy.ts';

/** (row, column) FRAME_SIDE × FRAME_SIDE, 1 where the mask is set, else 0. @throws PatchwatchError DATASET_INVALID */
export const readMask = async (
  source: MaskSource,
  geometry?: StillGeometry,
): Promise<Uint8Array> =>
  typeof source === 'string' ? readMaskImage(source, geometry) : readMaskFrame(source);

/** One frame of an array (frame, row, column). */
const readMaskFrame = async ({ path, frame }: Exclude<MaskSource, string>): Promise<Uint8Array> => {
  const { shape, items } = await readNpy(path, ({ shape: [, height = 0, width = 0] }) => ({
    first: frame * height * width,
    count: height * width,
  }));
  const [, height = 0, width = 0] = shape;
  return nearestMask(items, width, height);
};
