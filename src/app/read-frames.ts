// Reads a clip's frames, whatever it is made of.
import { FfmpegBinary } from '../capture/ffmpeg-binary.ts';
import { FfmpegSource } from '../capture/ffmpeg-source.ts';
import { silentLogger } from '../core/ports/logger.ts';
import type { Clip } from '../datasets/dataset.ts';
import { readImageFrames } from '../datasets/image-frames.ts';
import type { ClipFrames } from '../evaluation/frame-runs.ts';
import { pullBatches } from './pull-batches.ts';
import { systemClock } from './system-clock.ts';

export const BATCH_FRAMES = 16;

export const readFrames = (clip: Clip, batchFrames: number): AsyncIterable<ClipFrames> => {
  if (clip.footage.kind === 'images') {
    return readImageFrames(clip.footage.paths, batchFrames, clip.geometries);
  }
  const source = new FfmpegSource({
    url: clip.footage.path,
    ffmpeg: new FfmpegBinary({ path: 'ffmpeg' }),
    fps: 'all',
    clock: systemClock,
    logger: silentLogger,
  });
  return pullBatches(source, batchFrames);
};
