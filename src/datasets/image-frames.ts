// Decodes image files to frames, several ahead of the reader, into memory that is reused.
import sharp from 'sharp';

import { PatchwatchError, toError } from '../core/errors.ts';
import { FRAME_BYTES, FRAME_SIDE } from '../core/frame.ts';

/** Images decoded at the same time: bounds the memory, and keeps two cores busy. */
const DECODED_AHEAD = 8;

const decode = async (path: string): Promise<Uint8Array> => {
  try {
    return await sharp(path)
      .toColourspace('srgb')
      .removeAlpha()
      .resize(FRAME_SIDE, FRAME_SIDE, { fit: 'fill', kernel: 'cubic' })
      .raw()
      .toBuffer();
  } catch (error) {
    throw new PatchwatchError(
      'DATASET_INVALID',
      `${path} can't be decoded (${toError(error).message.split('\n')[0] ?? ''}): replace it or leave it out`,
      { cause: error },
    );
  }
};

export interface FrameBatch {
  /** frameCount × FRAME_BYTES, rgb24; valid until the next batch is asked for. */
  readonly pixels: Uint8Array;
  readonly frameCount: number;
}

/** Batches of at most `batchFrames` frames, in order. */
export async function* readImageFrames(
  paths: readonly string[],
  batchFrames: number,
): AsyncGenerator<FrameBatch> {
  const pixels = new Uint8Array(batchFrames * FRAME_BYTES);
  const pending: Promise<Uint8Array>[] = [];
  let next = 0;
  const decodeAhead = (): void => {
    while (pending.length < DECODED_AHEAD && next < paths.length) {
      const frame = decode(paths[next++] ?? '');
      // Awaited in its turn; until then a failure must not count as unhandled.
      frame.catch(() => undefined);
      pending.push(frame);
    }
  };
  let frameCount = 0;
  for (decodeAhead(); pending.length > 0; decodeAhead()) {
    pixels.set((await pending.shift()) ?? [], frameCount * FRAME_BYTES);
    frameCount += 1;
    if (frameCount < batchFrames && pending.length > 0) continue;
    decodeAhead();
    yield { pixels: pixels.subarray(0, frameCount * FRAME_BYTES), frameCount };
    frameCount = 0;
  }
}

/** (row, column) 256 × 256, 1 where the mask is set; nearest neighbour, so that no pixel is half anomalous. */
export const readMask = async (path: string): Promise<Uint8Array> => {
  const mask = await sharp(path)
    .extractChannel(0)
    .resize(FRAME_SIDE, FRAME_SIDE, { fit: 'fill', kernel: 'nearest' })
    .raw()
    .toBuffer();
  for (let pixel = 0; pixel < mask.length; pixel++) mask[pixel] = mask[pixel] === 0 ? 0 : 1;
  return mask;
};
