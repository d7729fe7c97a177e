// The worker role as a process of its own: scores what the queue on Redis holds, for whichever camera.
import { join } from 'node:path';

import type { Segment } from '../core/frame.ts';
import type { SegmentScorer } from '../core/ports/segment-scorer.ts';
import { RedisModels, sceneKey } from '../redis/redis-models.ts';
import type { WorkerFacts } from '../redis/redis-presence.ts';
import { FsModelStore } from '../store/fs-model-store.ts';
import { ModelMirror } from '../scoring/model-mirror.ts';
import { modelsDir } from '../config/data-folders.ts';
import type { RedisRole, RedisBase } from './redis-base.ts';
import { repeat } from '../process/repeat.ts';
import { systemClock } from '../process/system-clock.ts';
import { Worker } from '../scoring/worker.ts';

const BEAT_MS = 1_500;
/** Scenes that a worker says it scored with last. */
const TOLD_SCENES = 64;

export class RedisWorker implements RedisRole {
  readonly #parts: RedisBase;
  readonly #stop = new AbortController();
  /** Scenes scored lately, the last ones last. */
  readonly #scenes = new Set<string>();
  #role: Worker | undefined;
  #beating: Promise<void> = Promise.resolve();

  constructor(parts: RedisBase) {
    this.#parts = parts;
  }

  get isReady(): boolean {
    return this.#role?.isReady === true;
  }

  async start(): Promise<void> {
    const { config, cameras, queue, models, link, logger, meter } = this.#parts;
    this.#role = new Worker({
      config,
      modelsDir: this.#modelsDir(),
      cameras,
      queue,
      prepare: (scorer) => this.#remembering(models === 'redis' ? this.#mirror(scorer) : scorer),
      clock: systemClock,
      logger,
      meter,
    });
    await this.#role.start();
    this.#beating = repeat(
      {
        what: 'saying that the worker lives',
        everyMs: BEAT_MS,
        isPossible: () => link.isUp,
        run: () => this.#parts.presence.beat(this.#parts.id, this.#facts()),
        clock: systemClock,
        logger,
      },
      this.#stop.signal,
    );
    logger.info('scoring', { engine: this.#role.engine, models });
  }

  async stop(): Promise<void> {
    const { presence, id } = this.#parts;
    this.#stop.abort();
    await this.#beating;
    await presence.leave(id).catch(() => undefined); // then it is forgotten
    await this.#role?.stop();
  }

  #facts(): WorkerFacts {
    return {
      role: 'worker',
      isReady: this.isReady,
      engine: this.#role?.engine ?? this.#parts.config.engine.kind,
      batchFrames: this.#role?.batchFrames ?? 0,
      scenes: [...this.#scenes],
    };
  }

  /** Fetched models are kept apart from fitted ones, which no worker may replace. */
  #modelsDir(): string {
    const { config, models } = this.#parts;
    return models === 'redis' ? join(config.dataDir, 'fetched-models') : modelsDir(config);
  }

  #mirror(scorer: SegmentScorer): SegmentScorer {
    const { link, logger } = this.#parts;
    return new ModelMirror({
      scorer,
      models: new RedisModels({ link }),
      isUp: () => link.isUp,
      store: new FsModelStore({ folder: this.#modelsDir() }),
      clock: systemClock,
      logger,
    });
  }

  #remembering(scorer: SegmentScorer): SegmentScorer {
    return {
      score: (segments, signal) => {
        for (const segment of segments) this.#remember(segment);
        return scorer.score(segments, signal);
      },
    };
  }

  #remember({ cameraId, sceneId }: Segment): void {
    const scene = sceneKey(cameraId, sceneId);
    this.#scenes.delete(scene);
    this.#scenes.add(scene);
    if (this.#scenes.size <= TOLD_SCENES) return;
    const [oldest] = this.#scenes;
    if (oldest !== undefined) this.#scenes.delete(oldest);
  }
}
