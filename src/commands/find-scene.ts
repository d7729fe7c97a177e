// The camera and scene that a command names, or what there is instead.
import type { CameraConfig, Config, SceneConfig } from '../config/config.ts';
import { PatchwatchError } from '../core/errors.ts';

/** @throws PatchwatchError CAMERA_UNKNOWN */
export const findCamera = (config: Config, id: string): CameraConfig => {
  const camera = config.cameras.find((candidate) => candidate.id === id);
  if (camera !== undefined) return camera;
  const known = config.cameras.map((candidate) => candidate.id).join(', ');
  throw new PatchwatchError(
    'CAMERA_UNKNOWN',
    `no camera "${id}" in ${config.path}; there are: ${known}`,
  );
};

/** The only scene when none is named. @throws PatchwatchError SCENE_UNKNOWN */
export const findScene = (camera: CameraConfig, id: string | undefined): SceneConfig => {
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
