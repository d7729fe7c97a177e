// Fetches the scene models that a worker needs from Redis into a folder of its own, laid out as the gateway's, before
// the scoring process looks there. What is in the folder stays in use while Redis is away.
import { toError } from '../core/errors.ts';
import type { Segment } from '../core/frame.ts';
import type { SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { SegmentScorer } from '../core/ports/segment-scorer.ts';
import { sceneKey, type RedisModels } from '../redis/redis-models.ts';
import type { FsModelStore } from '../store/fs-model-store.ts';

/** A model fitted anew is fetched after at most this long. */
const CHECK_INTERVAL_MS = 2_000;

export interface ModelMirrorOptions {
  readonly scorer: SegmentScorer;
  readonly models: RedisModels;
  readonly isUp: () => boolean;
  readonly store: FsModelStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ModelMirror implements SegmentScorer {
  readonly #options: ModelMirrorOptions;
  /** By `<camera>/<scene>`: what the folder holds, or what could not be fetched. */
  readonly #settled = new Map<string, string>();
  readonly #underWay = new Map<string, Promise<void>>();
  /** As last heard; the first time it is waited for. */
  #published: Promise<ReadonlyMap<string, string>> | undefined;
  #checkedAtMs = -Infinity;

  constructor(options: ModelMirrorOptions) {
    this.#options = options;
  }

  async score(
    segments: readonly Segment[],
    signal: AbortSignal,
  ): Promise<readonly SegmentOutcome[]> {
    const scenes = new Map(
      segments.map((segment) => [sceneKey(segment.cameraId, segment.sceneId), segment]),
    );
    if (this.#options.isUp()) {
      await Promise.all([...scenes].map(([scene, segment]) => this.#ensure(scene, segment)));
    }
    return this.#options.scorer.score(segments, signal);
  }

  /** One fetch of a scene at a time, however many batches wait for it. */
  #ensure(scene: string, segment: Segment): Promise<void> {
    const underWay = this.#underWay.get(scene);
    if (underWay !== undefined) return underWay;
    const fetching = this.#fetch(scene, segment)
      .catch((thrown: unknown) => {
        this.#options.logger.warn('scene model can’t be fetched', {
          scene,
          reason: toError(thrown).message,
        });
      })
      .finally(() => this.#underWay.delete(scene));
    this.#underWay.set(scene, fetching);
    return fetching;
  }

  async #fetch(scene: string, { cameraId, sceneId }: Segment): Promise<void> {
    const { models, store, logger } = this.#options;
    const version = (await this.#versions()).get(scene);
    if (version === undefined || version === this.#settled.get(scene)) return;
    if ((await store.currentVersion(cameraId, sceneId)) !== version) {
      const bytes = await models.fetch(version);
      // It was replaced just now: the next check tells by which.
      if (bytes === undefined) return;
      await store.adopt(cameraId, sceneId, version, bytes);
      logger.info('scene model fetched', { scene, version: version.slice(0, 12) });
    }
    this.#settled.set(scene, version);
  }

  #versions(): Promise<ReadonlyMap<string, string>> {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#checkedAtMs >= CHECK_INTERVAL_MS) {
      this.#checkedAtMs = nowMs;
      const asking = this.#options.models.versions();
      // No batch waits for it, but the first: what it says holds from the next on.
      asking.then(
        () => (this.#published = asking),
        () => undefined,
      );
      return this.#published ?? asking;
    }
    return this.#published ?? Promise.resolve(new Map());
  }
}
