// Do the cameras' scene models fit? Asked at start and for as long as the daemon runs: a camera whose backbone is
// missing or whose model does not fit is shown as failed, with the reason, while the others are watched. A model that
// is fitted anew is looked at soon, what else may heal after a while.
import { backOffDelayMs } from '../core/back-off.ts';
import type { CameraConfig, Config } from '../config/config.ts';
import type { RefusedModel } from '../core/event.ts';
import { PatchwatchError, toError } from '../core/errors.ts';
import type { CameraId, SceneId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ModelRequirements } from '../core/ports/model-store.ts';
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
  /** The camera's models that can't be used as they are, at each look at them. */
  readonly onLook: (camera: CameraId, refused: readonly RefusedModel[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Faults {
  readonly refused: readonly RefusedModel[];
  readonly others: readonly string[];
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
    const { refused, others } = await this.#faultsOf(watched.camera);
    const reasons = [...refused.map(({ reason }) => reason), ...others];
    const fault = reasons.length === 0 ? undefined : reasons.join('; ');
    watched.failureCount = fault === undefined ? 0 : watched.failureCount + 1;
    watched.retryAtMs = clock.monotonicMs() + backOffDelayMs(watched.failureCount, Math.random);
    if (fault !== watched.fault) this.#tell(watched, fault);
    // What is wrong beside them says nothing of the models.
    if (others.length === 0) this.#options.onLook(watched.camera.id, refused);
  }

  /** Everything that keeps the camera's scenes from being scored; a scene that was never fitted is no fault. */
  async #faultsOf(camera: CameraConfig): Promise<Faults> {
    const refused: RefusedModel[] = [];
    const others: string[] = [];
    try {
      const { requirements } = await resolveModelSetting(camera, this.#options.config.engine);
      for (const { sceneId } of camera.scenes) {
        const fault = await this.#faultOf(camera.id, sceneId, requirements);
        if (fault === undefined) continue;
        if (fault instanceof PatchwatchError && isOfModel(fault))
          refused.push(await this.#refused(camera.id, sceneId, fault));
        else others.push(fault.message);
      }
    } catch (thrown) {
      others.push(toError(thrown).message);
    }
    return { refused, others };
  }

  #faultOf(
    camera: CameraId,
    scene: SceneId,
    requirements: ModelRequirements,
  ): Promise<Error | undefined> {
    return this.#store.load(camera, scene, requirements).then(() => undefined, toError);
  }

  async #refused(
    camera: CameraId,
    sceneId: SceneId,
    { code, message: reason }: PatchwatchError,
  ): Promise<RefusedModel> {
    const modelVersion =
      code === 'MODEL_CORRUPT'
        ? undefined
        : await this.#store.currentVersion(camera, sceneId).catch(() => undefined);
    return { sceneId, modelVersion, reason };
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

const isOfModel = ({ code }: PatchwatchError): boolean =>
  code === 'MODEL_CORRUPT' || code === 'MODEL_MISMATCH';
