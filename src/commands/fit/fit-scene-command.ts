// `fit`: finds the camera and scene in the configuration, then learns.
import { loadConfigInPart } from '../../config/load-config.ts';
import { isLive } from '../../capture/source-kind.ts';
import { ConfigError } from '../../config/problem.ts';
import { PatchwatchError } from '../../core/errors.ts';
import { PinoLogger } from '../../telemetry/pino-logger.ts';
import { findCamera, findScene } from '../find-scene.ts';
import { fitCamera, type FitCameraOptions, type FitReport } from './fit-camera.ts';

export type { FitReport } from './fit-camera.ts';

export interface FitSceneOptions extends Pick<
  FitCameraOptions,
  'from' | 'durationMs' | 'leaveOut' | 'extend' | 'signal' | 'onProgress' | 'onWouldAlert'
> {
  readonly configPath: string;
  readonly camera: string;
  readonly scene: string | undefined;
}

export const fitScene = async (options: FitSceneOptions): Promise<FitReport> => {
  const config = await loadConfigInPart(options.configPath, process.env);
  const camera = findCamera(config, options.camera);
  const scene = findScene(camera, options.scene);
  // Of this camera only, and only where it is what is learnt from.
  if (options.from === undefined && camera.problem !== undefined) {
    throw new ConfigError([camera.problem]);
  }
  const isEndless = isLive(options.from ?? camera.url);
  if (isEndless && options.durationMs === undefined) {
    throw new PatchwatchError(
      'USAGE',
      `camera ${camera.id} is a live stream, which does not end: say how long to learn, such as --duration 30m`,
    );
  }
  return fitCamera({ ...options, config, camera, scene, logger: new PinoLogger(config.log) });
};
