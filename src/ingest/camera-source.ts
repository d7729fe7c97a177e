// The source that a camera's configuration asks for, or recorded footage of the camera, decoded as its stream would be.
import type { FfmpegBinary } from '../capture/ffmpeg/ffmpeg-binary.ts';
import { FfmpegSource, type FfmpegSourceOptions } from '../capture/ffmpeg-source.ts';
import type { CameraConfig } from '../config/config.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';

export interface CameraSourceOptions extends Pick<
  FfmpegSourceOptions,
  'realtime' | 'loop' | 'startAtMs'
> {
  /** Footage instead of the stream: a path. */
  readonly from?: string;
  readonly ffmpeg: FfmpegBinary;
  readonly clock: Clock;
  readonly logger: Logger;
}

export const cameraSource = (
  camera: CameraConfig,
  { from, ...options }: CameraSourceOptions,
): FfmpegSource =>
  new FfmpegSource({
    url: from ?? camera.url,
    fps: camera.fps,
    decoding: { frames: camera.decode, lowres: camera.lowres },
    transport: camera.transport,
    stallTimeoutMs: camera.stallTimeoutMs,
    ...options,
  });
