// The source that a camera's configuration asks for: its stream, or recorded footage decoded as the stream would be.
import { FfmpegSource, type FfmpegSourceOptions } from '../capture/ffmpeg-source.ts';
import type { CameraConfig } from '../config/config.ts';

type DecodedCamera = Pick<CameraConfig, 'fps' | 'decode' | 'lowres'>;

type Playing = Pick<FfmpegSourceOptions, 'ffmpeg' | 'clock' | 'logger'>;

const decodingOf = ({ fps, decode, lowres }: DecodedCamera) => ({
  fps,
  decoding: { frames: decode, lowres },
});

export const cameraSource = (
  camera: DecodedCamera & Pick<CameraConfig, 'url' | 'transport' | 'stallTimeoutMs'>,
  options: Playing & Pick<FfmpegSourceOptions, 'realtime' | 'loop' | 'startAtMs'>,
): FfmpegSource => {
  const { url, transport, stallTimeoutMs } = camera;
  return new FfmpegSource({ ...decodingOf(camera), url, transport, stallTimeoutMs, ...options });
};

/** @param from a video or a folder of frames */
export const footageSource = (
  camera: DecodedCamera,
  from: string,
  options: Playing,
): FfmpegSource => new FfmpegSource({ ...decodingOf(camera), url: from, ...options });
