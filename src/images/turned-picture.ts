// A still turned and cropped as a protocol asks (still-geometry.ts).
import sharp, { type Sharp } from 'sharp';

import { FRAME_SIDE } from '../core/frame.ts';
import { RESIZED_SIDE, type StillGeometry } from './still-geometry.ts';

const CHANNELS = 3;

/** rgb24, FRAME_SIDE × FRAME_SIDE. */
export const turnedPicture = async (
  picture: Sharp,
  { angleDegrees, left, top }: StillGeometry,
  kernel: 'cubic' | 'nearest',
): Promise<Uint8Array> => {
  const { data, info } = await picture
    .resize(RESIZED_SIDE, RESIZED_SIDE, { fit: 'fill', kernel })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== CHANNELS) throw new Error(`${info.channels} channels`);
  const raw = { width: RESIZED_SIDE, height: RESIZED_SIDE, channels: CHANNELS } as const;
  if (angleDegrees === 0) {
    return sharp(data, { raw })
      .extract({ left, top, width: FRAME_SIDE, height: FRAME_SIDE })
      .raw()
      .toBuffer();
  }
  // The canvas grows with the turn; the picture's own square lies in its middle.
  const turned = await sharp(data, { raw })
    .rotate(angleDegrees, { background: '#000' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const inset = (size: number): number => Math.round((size - RESIZED_SIDE) / 2);
  const { width, height } = turned.info;
  return sharp(turned.data, { raw: { width, height, channels: CHANNELS } })
    .extract({
      left: inset(width) + left,
      top: inset(height) + top,
      width: FRAME_SIDE,
      height: FRAME_SIDE,
    })
    .raw()
    .toBuffer();
};
