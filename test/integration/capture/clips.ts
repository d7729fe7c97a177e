// Small clips for tests, made by ffmpeg's own signal generator, and a source with test defaults.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemClock } from '../../../src/process/system-clock.ts';
import { FfmpegBinary } from '../../../src/capture/ffmpeg/ffmpeg-binary.ts';
import { FfmpegSource, type FfmpegSourceOptions } from '../../../src/capture/ffmpeg-source.ts';
import { silentLogger } from '../../../src/core/ports/logger.ts';

export const runFfmpeg = async (...args: string[]): Promise<void> => {
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args]);
};

/** Grey frames that grow brighter from frame to frame, so that each can be told from the others. */
export const RAMP = 'color=c=black:s=320x240:r=10,geq=lum=16+4*N:cb=128:cr=128';

export const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

export const makeClip = (path: string, seconds: number, ...args: string[]): Promise<void> =>
  runFfmpeg('-f', 'lavfi', '-i', RAMP, '-t', String(seconds), ...H264, ...args, path);

/** FFMPEG_PATH runs the suite against another build. */
export const ffmpegPath = process.env['FFMPEG_PATH'] ?? 'ffmpeg';

export const openSource = (
  options: Partial<FfmpegSourceOptions> & Pick<FfmpegSourceOptions, 'url'>,
): FfmpegSource =>
  new FfmpegSource({
    ffmpeg: new FfmpegBinary({ path: ffmpegPath }),
    fps: 'all',
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });

export const never = (): AbortSignal => new AbortController().signal;
