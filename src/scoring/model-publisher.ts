// Puts the current model of every scene into Redis, and again when it was fitted anew or Redis lost it.
import type { CameraId, SceneId } from '../core/ids.ts';
import type { Logger } from '../core/ports/logger.ts';
import { sceneKey, type RedisModels } from '../redis/redis-models.ts';
import type { FsModelStore } from '../store/fs-model-store.ts';

export interface ModelPublisherOptions {
  readonly cameras: readonly {
    readonly id: CameraId;
    readonly scenes: readonly { readonly sceneId: SceneId }[];
  }[];
  readonly store: FsModelStore;
  readonly models: RedisModels;
  readonly logger: Logger;
}

export class ModelPublisher {
  readonly #options: ModelPublisherOptions;

  constructor(options: ModelPublisherOptions) {
    this.#options = options;
  }

  async publish(): Promise<void> {
    const { cameras, store, models, logger } = this.#options;
    const published = await models.versions();
    for (const camera of cameras) {
      for (const { sceneId } of camera.scenes) {
        const scene = sceneKey(camera.id, sceneId);
        const version = await store.currentVersion(camera.id, sceneId);
        if (version === undefined) continue;
        if (published.get(scene) === version && (await models.has(version))) continue;
        await models.publish(scene, version, await store.readFile(camera.id, sceneId, version));
        logger.info('scene model published', { scene, version: version.slice(0, 12) });
      }
    }
  }
}
