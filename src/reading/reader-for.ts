// The reader that a camera's configuration asks for.
import type { CameraConfig } from '../config/config.ts';
import { frameGapMs } from '../core/frame-gap.ts';
import { ScoreReader, type ScoreReaderOptions } from './score-reader.ts';

export const readerFor = (
  camera: Pick<CameraConfig, 'id' | 'fps' | 'smoothing' | 'ignore' | 'alert'>,
  listeners: Pick<ScoreReaderOptions, 'onFrame' | 'onAlert' | 'onView'>,
): ScoreReader => {
  const { threshold } = camera.alert;
  return new ScoreReader({
    cameraId: camera.id,
    smoothing: camera.smoothing,
    threshold: threshold === 'auto' ? undefined : threshold,
    ignore: camera.ignore,
    policy: camera.alert,
    gapMs: frameGapMs(camera.fps),
    ...listeners,
  });
};
