// Reads clips' frames, whatever they are made of.
import { FfmpegBinary } from '../capture/ffmpeg/ffmpeg-binary.ts';
import { FfmpegSource } from '../capture/ffmpeg-source.ts';
import { silentLogger } from '../core/ports/logger.ts';
import { ImageReader } from '../images/image-reader.ts';
import type { ReadFrames } from '../evaluation/frame-runs.ts';
import { pullBatches } from './pull-batches.ts';
import { systemClock } from '../process/system-clock.ts';

export const BATCH_FRAMES = 16;

/** One clip at a time. */
export const openFrameReader = (): ReadFrames => {
  const images = new ImageReader({
    threadPath: new URL('../images/image-reader-thread.js', import.meta.url),
  });
  return (clip, batchFrames) =>
    clip.footage.kind === 'images'
      ? images.read(clip.footage.paths, batchFrames, clip.geometries)
      : readVideo(clip.footage.path, batchFrames);
};

const readVideo = (path: string, batchFrames: number): ReturnType<typeof pullBatches> => {
  const source = new FfmpegSource({
    url: path,
    ffmpeg: new FfmpegBinary({ path: 'ffmpeg' }),
    fps: 'all',
    clock: systemClock,
    logger: silentLogger,
  });
  return pullBatches(source, batchFrames);
};
