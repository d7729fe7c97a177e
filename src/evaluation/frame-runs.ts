// Clips as runs of frames that know the frame before them, in memory that is reused.
import { FRAME_BYTES } from '../core/frame.ts';
import type { Clip } from '../datasets/dataset.ts';
import type { FrameRun } from '../padim/frame-run.ts';

export interface ClipFrames {
  /** frameCount × FRAME_BYTES, rgb24; valid until the next batch. */
  readonly pixels: Uint8Array;
  readonly frameCount: number;
}

export type ReadFrames = (clip: Clip, batchFrames: number) => AsyncIterable<ClipFrames>;

export interface ClipRun {
  readonly clip: Clip;
  /** Place of the run's first frame in the clip. */
  readonly first: number;
  /** Valid until the next one. */
  readonly run: FrameRun;
}

/** The clips' frames in order; the first of a clip has no frame before it. */
export async function* runsOf(
  clips: readonly Clip[],
  readFrames: ReadFrames,
  batchFrames: number,
): AsyncGenerator<ClipRun> {
  const memory = new Uint8Array((batchFrames + 1) * FRAME_BYTES);
  for (const clip of clips) {
    let first = 0;
    for await (const { pixels, frameCount } of readFrames(clip, batchFrames)) {
      memory.set(pixels.subarray(0, frameCount * FRAME_BYTES), FRAME_BYTES);
      const end = (frameCount + 1) * FRAME_BYTES;
      const run: FrameRun =
        first === 0
          ? { pixels: memory.subarray(FRAME_BYTES, end), frameCount, context: 'none' }
          : { pixels: memory.subarray(0, end), frameCount, context: 'seen' };
      yield { clip, first, run };
      memory.copyWithin(0, end - FRAME_BYTES, end);
      first += frameCount;
    }
  }
}
