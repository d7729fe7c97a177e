// Decodes image files to frames, several ahead of the reader, into memory that is reused. Pixels equal
// Pillow's `convert('RGB').resize((256, 256), BICUBIC)` to a quarter of a grey level on average.
import sharp from 'sharp';

import { FRAME_BYTES, FRAME_SIDE, MAX_PIXELS } from '../core/frame.ts';
import { Enlarger } from './enlarge.ts';
import type { StillGeometry } from './still-geometry.ts';
import { turnedPicture } from './turned-picture.ts';
import { undecodable } from './undecodable.ts';

/** Images decoded at the same time: bounds the memory, and keeps all decoding threads busy. */
const DECODED_AHEAD = 8;
const CHANNELS = 3;

interface Picture {
  /** rgb24; at most FRAME_SIDE × FRAME_SIDE. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Reduced where larger than a frame, and only there: see enlarge.ts. */
const decode = async (path: string, geometry: StillGeometry | undefined): Promise<Picture> => {
  try {
    const picture = sharp(path, { limitInputPixels: MAX_PIXELS })
      .toColourspace('srgb')
      .removeAlpha();
    if (geometry !== undefined) {
      return {
        pixels: await turnedPicture(picture, geometry, 'cubic'),
        width: FRAME_SIDE,
        height: FRAME_SIDE,
      };
    }
    const { data, info } = await picture
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
  /** frameCount × FRAME_BYTES, rgb24. */
  readonly pixels: Uint8Array;
  readonly frameCount: number;
}

/**
 * Batches of at most `batchFrames` frames, in order; all full but the last.
 *
 * @param memories filled in turn, batchFrames × FRAME_BYTES each; a batch is valid until its memory's turn comes again
 * @throws PatchwatchError DATASET_INVALID naming the file that is none
 */
export async function* readImageFrames(
  paths: readonly string[],
  batchFrames: number,
  geometries?: readonly StillGeometry[],
  memories: readonly Uint8Array[] = [new Uint8Array(batchFrames * FRAME_BYTES)],
): AsyncGenerator<FrameBatch> {
  // One image a thread: as fast as two threads an image, and the cache would only hold what is read once.
  sharp.concurrency(1);
  sharp.cache(false);
  const enlarger = new Enlarger();
  const pending: Promise<Picture>[] = [];
  let next = 0;
  const decodeAhead = (): void => {
    for (const path of paths.slice(next, next + DECODED_AHEAD - pending.length)) {
      const picture = decode(path, geometries?.[next]);
      // Awaited in its turn; until then a failure must not count as unhandled.
      picture.catch(() => undefined);
      pending.push(picture);
      next += 1;
    }
  };
  decodeAhead();
  let frameCount = 0;
  const turns = inTurn(memories);
  let batch = turns.next().value;
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
    batch = turns.next().value;
  }
}

function* inTurn<Item>(items: readonly Item[]): Generator<Item, never> {
  for (;;) yield* items;
}
