// `check`: reads the configuration as `run` would, and looks at each scene's model. Everything that is wrong is found,
// not only the first.
import { loadConfigInPart } from '../../config/load-config.ts';
import type { CameraConfig, Config } from '../../config/config.ts';
import { ConfigError } from '../../config/problem.ts';
import type { StoredModel } from '../../core/ports/model-store.ts';
import { toError } from '../../core/errors.ts';
import { FsModelStore } from '../../store/fs-model-store.ts';
import { fitCommand } from '../../process/command-line.ts';
import { resolveModelSetting } from '../../scoring/model-requirements.ts';
import { modelsDir } from '../../config/data-folders.ts';

export interface CheckReport {
  readonly config: string;
  readonly warnings: readonly string[];
  readonly scenes: readonly SceneReport[];
  /** What keeps cameras from being watched, one line each. */
  readonly problems: readonly string[];
}

interface SceneReport {
  readonly camera: string;
  readonly scene: string;
  readonly state: string;
}

export interface Checked {
  readonly report: CheckReport;
  readonly failures: readonly Error[];
}

/** @throws PatchwatchError CONFIG_* for what would keep `run` from starting */
export const checkConfig = async (path: string): Promise<Checked> => {
  const config = await loadConfigInPart(path, process.env);
  const scenes: SceneReport[] = [];
  const failures: Error[] = config.cameras.flatMap(({ problem }) =>
    problem === undefined ? [] : [new ConfigError([problem])],
  );
  for (const camera of config.cameras) {
    for (const { sceneId } of camera.scenes) {
      const stored = await look(config, camera, sceneId);
      if (stored instanceof Error) failures.push(stored);
      scenes.push({
        camera: camera.id,
        scene: sceneId,
        state: stateOf(stored, () => fitCommand(path, camera.id, sceneId)),
      });
    }
  }
  // One backbone that is missing is one line, however many scenes use it.
  const problems = [...new Set(failures.map(({ message }) => message))];
  return {
    report: { config: config.path, warnings: config.warnings, scenes, problems },
    failures: problems.flatMap((text) => failures.find(({ message }) => message === text) ?? []),
  };
};

const look = async (
  config: Config,
  camera: CameraConfig,
  sceneId: CameraConfig['scenes'][0]['sceneId'],
): Promise<StoredModel | Error | undefined> => {
  try {
    const { requirements } = await resolveModelSetting(camera, config.engine);
    const store = new FsModelStore({ folder: modelsDir(config) });
    return await store.load(camera.id, sceneId, requirements);
  } catch (thrown) {
    return toError(thrown);
  }
};

const stateOf = (stored: StoredModel | Error | undefined, remedy: () => string): string => {
  if (stored instanceof Error) return `not usable: ${stored.message}`;
  if (stored === undefined) return `not fitted yet: ${remedy()}`;
  const { fittedAt, trainingFrameCount, threshold } = stored.model.metadata;
  return `fitted ${fittedAt} on ${trainingFrameCount} frames, threshold ${threshold.toFixed(2)}`;
};
