// `check`: reads the configuration as `run` would, and looks at each scene's model.
import { loadConfig } from '../config/load-config.ts';
import { FsModelStore } from '../store/fs-model-store.ts';
import { resolveModelSetting } from './model-requirements.ts';
import { modelsDir } from './models-dir.ts';

export interface CheckReport {
  readonly config: string;
  readonly warnings: readonly string[];
  readonly scenes: readonly {
    readonly camera: string;
    readonly scene: string;
    readonly state: string;
  }[];
}

/** @throws PatchwatchError for what would keep `run` from starting */
export const checkConfig = async (path: string): Promise<CheckReport> => {
  const config = await loadConfig(path, process.env);
  const store = new FsModelStore({ folder: modelsDir(config) });
  const scenes: CheckReport['scenes'][number][] = [];
  for (const camera of config.cameras) {
    const { requirements } = await resolveModelSetting(camera, config.engine);
    for (const { sceneId } of camera.scenes) {
      const stored = await store.load(camera.id, sceneId, requirements);
      const state =
        stored === undefined
          ? `not fitted yet: patchwatch fit -c ${path} --camera ${camera.id} --scene ${sceneId}`
          : `fitted ${stored.model.metadata.fittedAt} on ${stored.model.metadata.trainingFrameCount} frames, threshold ${stored.model.metadata.threshold.toFixed(2)}`;
      scenes.push({ camera: camera.id, scene: sceneId, state });
    }
  }
  return { config: config.path, warnings: config.warnings, scenes };
};
