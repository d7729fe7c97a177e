// Decodes image files to frames, several ahead of the reader, into memory that is reused. Pixels equal
// Pillow's `convert('RGB').resize((256, 256), BICUBIC)` to a quarter of a grey level on average.
import sharp from 'sharp';

import { PatchwatchError, toError } from '../core/errors.ts';
import { FRAME_BYTES, FRAME_SIDE } from '../core/frame.ts';
import { Enlarger } from './enlarge.ts';

/** Images decoded at the same time: bounds the memory, and keeps all decoding threads busy. */
const DECODED_AHEAD = 8;
const CHANNELS = 3;

interface Picture {
  /** rgb24; at most FRAME_SIDE × FRAME_SIDE. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const undecodable = (path: string, error: unknown): PatchwatchError =>
  new PatchwatchError(
    'DATASET_INVALID',
    `${path} can't be decoded (${toError(error).message.split('\n')[0] ?? ''}): replace it or leave it out`,
    { cause: error },
  );

/** Reduced where larger than a frame, and only there: see enlarge.ts. */
const decode = async (path: string): Promise<Picture> => {
  try {
    const { data, info } = await sharp(path)
      .toColourspace('srgb')
      .removeAlpha()
      .resize(FRAME_SIDE, FRAME_SIDE, { fit: 'fill', kernel: 'cubic', withoutEnlargement: true })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== CHANNELS) throw new Error(`${info.channels} channels`);
    return { pixels: data, width: info.width, height: info.height };
  } catch (error) {
    throw undecodable(path, error);
  }
};

export interface FrameBatch {
  /** frameCount × FRAME_BYTES, rgb24; valid until the next batch is asked for. */
  readonly pixels: Uint8Array;
  readonly frameCount: number;
}

/**
 * Batches of at most `batchFrames` frames, in order; all full but the last.
 *
 * @throws PatchwatchError DATASET_INVALID naming the file that is none
 */
export async function* readImageFrames(
  paths: readonly string[],
  batchFrames: number,
): AsyncGenerator<FrameBatch> {
  // One image a thread: as fast as two threads an image, and the cache would only hold what is read once.
  sharp.concurrency(1);
  sharp.cache(false);
  const enlarger = new Enlarger();
  const batch = new Uint8Array(batchFrames * FRAME_BYTES);
  const pending: Promise<Picture>[] = [];
  let next = 0;
  const decodeAhead = (): void => {
    for (const path of paths.slice(next, next + DECODED_AHEAD - pending.length)) {
      const picture = decode(path);
      // Awaited in its turn; until then a failure must not count as unhandled.
      picture.catch(() => undefined);
      pending.push(picture);
      next += 1;
    }
  };
  decodeAhead();
  let frameCount = 0;
  for (let first = pending.shift(); first !== undefined; first = pending.shift()) {
    const { pixels, width, height } = await first;
    decodeAhead();
    const frame = batch.subarray(frameCount * FRAME_BYTES, (frameCount + 1) * FRAME_BYTES);
    if (pixels.length === FRAME_BYTES) frame.set(pixels);
    else enlarger.enlarge(pixels, width, height, frame);
    frameCount += 1;
    if (frameCount < batchFrames && pending.length > 0) continue;
    yield { pixels: batch.subarray(0, frameCount * FRAME_BYTES), frameCount };
    frameCount = 0;
  }
}

/**
 * (row, column) FRAME_SIDE × FRAME_SIDE, 1 where the mask is set, else 0. The nearest pixel centre counts,
 * as in Pillow's NEAREST, so that no pixel is half anomalous.
 *
 * @throws PatchwatchError DATASET_INVALID
 */
export const readMask = async (path: string): Promise<Uint8Array> => {
  try {
    const { data, info } = await sharp(path)
      .extractChannel(0)
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const columns = nearest(info.width);
    const mask = new Uint8Array(FRAME_SIDE * FRAME_SIDE);
    nearest(info.height).forEach((sourceRow, row) => {
      const source = data.subarray(sourceRow * info.width, (sourceRow + 1) * info.width);
      columns.forEach((sourceColumn, column) => {
        if (source[sourceColumn] !== 0) mask[row * FRAME_SIDE + column] = 1;
      });
    });
    return mask;
  } catch (error) {
    throw undecodable(path, error);
  }
};

const nearest = (size: number): readonly number[] =>
  Array.from({ length: FRAME_SIDE }, (_, at) => Math.floor(((at + 0.5) * size) / FRAME_SIDE));
