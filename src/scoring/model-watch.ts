// Do the cameras' scene models fit? Asked at start and for as long as the daemon runs: a camera whose backbone is
// missing or whose model does not fit is shown as failed, with the reason, while the others are watched. A model that
// is fitted anew is looked at soon, what else may heal after a while.
import { backOffDelayMs } from '../core/back-off.ts';
import type { CameraConfig, Config } from '../config/config.ts';
import { toError } from '../core/errors.ts';
import type { CameraId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import { FsModelStore } from '../store/fs-model-store.ts';
import { fitCommand } from '../process/command-line.ts';
import { resolveModelSetting } from './model-requirements.ts';
import { modelsDir } from '../config/data-folders.ts';
import { repeat } from '../process/repeat.ts';

const LOOK_MS = 2_000;

export interface ModelWatchOptions {
  readonly config: Config;
  readonly cameras: readonly CameraConfig[];
  /** Told at each change; undefined: nothing is wrong any more. */
  readonly onFault: (camera: CameraId, fault: string | undefined) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Watched {
  readonly camera: CameraConfig;
  /** Versions of its scenes' models when they were looked at last. */
  seen: string | undefined;
  fault: string | undefined;
  failureCount: number;
  retryAtMs: number;
}

export class ModelWatch {
  readonly #options: ModelWatchOptions;
  readonly #store: FsModelStore;
  readonly #watched: readonly Watched[];

  constructor(options: ModelWatchOptions) {
    this.#options = options;
    this.#store = new FsModelStore({ folder: modelsDir(options.config) });
    this.#watched = options.cameras.map((camera) => ({
      camera,
      seen: undefined,
      fault: undefined,
      failureCount: 0,
      retryAtMs: -Infinity,
    }));
  }

  /** Never rejects. */
  async start(): Promise<void> {
    await this.#look();
    for (const { camera } of this.#watched) await this.#tellUnfitted(camera);
  }

  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    const look = (): Promise<void> => this.#look();
    const what = 'looking at the scene models';
    return repeat(
      { what, everyMs: LOOK_MS, isPossible: () => true, run: look, clock, logger },
      signal,
    );
  }

  async #look(): Promise<void> {
    for (const watched of this.#watched) await this.#lookAt(watched);
  }

  async #lookAt(watched: Watched): Promise<void> {
    const { clock } = this.#options;
    const seen = await this.#versions(watched.camera);
    const isDue = watched.fault !== undefined && clock.monotonicMs() >= watched.retryAtMs;
    if (seen === watched.seen && !isDue) return;
    watched.seen = seen;
    const fault = await faultOf(this.#options.config, watched.camera, this.#store);
    watched.failureCount = fault === undefined ? 0 : watched.failureCount + 1;
    watched.retryAtMs = clock.monotonicMs() + backOffDelayMs(watched.failureCount, Math.random);
    if (fault !== watched.fault) this.#tell(watched, fault);
  }

  #tell(watched: Watched, fault: string | undefined): void {
    const { onFault, logger } = this.#options;
    const camera = watched.camera.id;
    watched.fault = fault;
    if (fault === undefined) logger.info('camera can be scored again', { camera });
    else logger.error('camera can’t be scored; the others are', { camera, reason: fault });
    onFault(camera, fault);
  }

  async #tellUnfitted({ id, scenes }: CameraConfig): Promise<void> {
    const { config, logger } = this.#options;
    for (const { sceneId } of scenes) {
      const version = await this.#store.currentVersion(id, sceneId).catch(() => 'unreadable');
      if (version !== undefined) continue;
      logger.warn('scene was never fitted: its frames are not scored', {
        camera: id,
        scene: sceneId,
        remedy: fitCommand(config.path, id, sceneId),
      });
    }
  }

  async #versions({ id, scenes }: CameraConfig): Promise<string> {
    const versions = scenes.map(({ sceneId }) =>
      this.#store.currentVersion(id, sceneId).catch((thrown: unknown) => toError(thrown).message),
    );
    return (await Promise.all(versions)).join();
  }
}

/** Everything that keeps the camera's scenes from being scored; a scene that was never fitted is no fault. */
const faultsOf = async (
  config: Config,
  camera: CameraConfig,
  store: FsModelStore,
): Promise<readonly Error[]> => {
  try {
    const { requirements } = await resolveModelSetting(camera, config.engine);
    const looks = await Promise.allSettled(
      camera.scenes.map(({ sceneId }) => store.load(camera.id, sceneId, requirements)),
    );
    return looks.flatMap((look) => (look.status === 'rejected' ? [toError(look.reason)] : []));
  } catch (thrown) {
    return [toError(thrown)];
  }
};

const faultOf = async (
  config: Config,
  camera: CameraConfig,
  store: FsModelStore,
): Promise<string | undefined> => {
  const faults = await faultsOf(config, camera, store);
  return faults.length === 0 ? undefined : faults.map(({ message }) => message).join('; ');
};
