// Before the daemon starts: do the scenes' models fit? One that does not is an error now; one that is missing may
// be fitted while the daemon runs, and is then used at once.
import type { CameraConfig, Config } from '../config/config.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ModelRequirements } from '../core/ports/model-store.ts';
import { FsModelStore } from '../store/fs-model-store.ts';
import { resolveModelSetting } from './model-requirements.ts';
import { modelsDir } from './models-dir.ts';

export interface CheckModelsOptions {
  readonly config: Config;
  readonly cameras: readonly CameraConfig[];
  readonly logger: Logger;
}

/** What each camera's configuration asks of its models, by camera id. @throws PatchwatchError BACKBONE_UNKNOWN */
export const requirementsOf = async (
  { engine }: Config,
  cameras: readonly CameraConfig[],
): Promise<Record<string, ModelRequirements>> => {
  const requirements = async (camera: CameraConfig) =>
    [camera.id, (await resolveModelSetting(camera, engine)).requirements] as const;
  return Object.fromEntries(await Promise.all(cameras.map(requirements)));
};

/** What each camera's models must have been made with, by camera id. @throws PatchwatchError MODEL_* */
export const checkModels = async ({
  config,
  cameras,
  logger,
}: CheckModelsOptions): Promise<Record<string, ModelRequirements>> => {
  const store = new FsModelStore({ folder: modelsDir(config) });
  const requirementsByCamera = await requirementsOf(config, cameras);
  for (const camera of cameras) {
    const requirements = requirementsByCamera[camera.id];
    if (requirements === undefined) continue;
    for (const { sceneId } of camera.scenes) {
      if ((await store.load(camera.id, sceneId, requirements)) !== undefined) continue;
      logger.warn('scene was never fitted: its frames are not scored', {
        camera: camera.id,
        scene: sceneId,
        remedy: `patchwatch fit -c ${config.path} --camera ${camera.id} --scene ${sceneId}`,
      });
    }
  }
  return requirementsByCamera;
};
