// `fit`: finds the camera and scene in the configuration, then learns.
import { loadConfig } from '../config/load-config.ts';
import type { CameraConfig, Config, SceneConfig } from '../config/config.ts';
import { isLive } from '../capture/source-kind.ts';
import { PatchwatchError } from '../core/errors.ts';
import { PinoLogger } from '../telemetry/pino-logger.ts';
import { fitCamera, type FitCameraOptions, type FitReport } from './fit-camera.ts';

export type { FitReport } from './fit-camera.ts';

export interface FitSceneOptions extends Pick<
  FitCameraOptions,
  'from' | 'durationMs' | 'signal' | 'onProgress'
> {
  readonly configPath: string;
  readonly camera: string;
  readonly scene: string | undefined;
}

export const fitScene = async (options: FitSceneOptions): Promise<FitReport> => {
  const config = await loadConfig(options.configPath, process.env);
  const camera = findCamera(config, options.camera);
  const scene = findScene(camera, options.scene);
  const isEndless = isLive(options.from ?? camera.url);
  if (isEndless && options.durationMs === undefined) {
    throw new PatchwatchError(
      'USAGE',
      `camera ${camera.id} is a live stream, which does not end: say how long to learn, such as --duration 30m`,
    );
  }
  return fitCamera({ ...options, config, camera, scene, logger: new PinoLogger(config.log) });
};

const findCamera = (config: Config, id: string): CameraConfig => {
  const camera = config.cameras.find((candidate) => candidate.id === id);
  if (camera !== undefined) return camera;
  const known = config.cameras.map((candidate) => candidate.id).join(', ');
  throw new PatchwatchError(
    'CAMERA_UNKNOWN',
    `no camera "${id}" in ${config.path}; there are: ${known}`,
  );
};

const findScene = (camera: CameraConfig, id: string | undefined): SceneConfig => {
  const [first, ...others] = camera.scenes;
  if (id === undefined && others.length === 0) return first;
  const scene = camera.scenes.find((candidate) => candidate.sceneId === id);
  if (scene !== undefined) return scene;
  const known = camera.scenes.map((candidate) => candidate.sceneId).join(', ');
  throw new PatchwatchError(
    'SCENE_UNKNOWN',
    id === undefined
      ? `camera ${camera.id} has several scenes: name one with --scene: ${known}`
      : `camera ${camera.id} has no scene "${id}"; it has: ${known}`,
  );
};
