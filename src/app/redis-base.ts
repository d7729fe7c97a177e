// What every role of a daemon on Redis begins with: the connection, the queue, who this process is.
import { randomBytes } from 'node:crypto';

import type { CameraConfig, Config } from '../config/config.ts';
import { PatchwatchError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import { PixelPool } from '../ingest/pixel-pool.ts';
import { BullmqFrameQueue } from '../queue/bullmq-queue.ts';
import { RedisLink } from '../redis/redis-link.ts';
import { RedisPresence } from '../redis/redis-presence.ts';
import type { PromMeter } from '../telemetry/prom-meter.ts';
import { systemClock } from '../process/system-clock.ts';

export interface RedisBaseOptions {
  readonly config: Config;
  readonly cameras: readonly CameraConfig[];
  readonly logger: Logger;
  readonly meter: PromMeter;
}

export interface RedisBase extends RedisBaseOptions {
  readonly link: RedisLink;
  readonly queue: BullmqFrameQueue;
  /** Memory of captured segments, until the queue has them. */
  readonly pool: PixelPool;
  readonly presence: RedisPresence;
  /** Names this process, or its part of several; says nothing of its machine. */
  readonly id: string;
  readonly models: 'redis' | 'folder';
}

/** A role of a daemon on Redis. */
export interface RedisRole {
  /** @param signal ends waiting for whatever a start may have to wait for */
  start(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** Nothing is connected yet. @throws PatchwatchError USAGE when the queue is in memory */
export const makeRedisBase = (options: RedisBaseOptions): RedisBase => {
  const { config, cameras, logger, meter } = options;
  const { queue: settings } = config;
  if (settings.kind !== 'bullmq') {
    throw new PatchwatchError(
      'USAGE',
      `${config.path}: roles of their own need queue.kind: bullmq; with memory everything runs in one process: leave --role out`,
    );
  }
  const link = new RedisLink({ settings: settings.redis, logger, meter });
  const pool = new PixelPool(4 * cameras.length + 16);
  const queue = new BullmqFrameQueue({
    link,
    maxFramesPerCamera: settings.maxFramesPerCamera,
    maxFrames: settings.maxFramesPerCamera * config.cameras.length,
    maxFrameAgeMs: settings.maxFrameAgeMs,
    lockMs: settings.lockMs,
    clock: systemClock,
    onReleased: ({ pixels }) => {
      pool.release(pixels);
    },
    logger,
    meter,
  });
  return {
    config,
    cameras,
    logger,
    meter,
    link,
    queue,
    pool,
    presence: new RedisPresence({ link }),
    id: randomBytes(8).toString('hex'),
    models: settings.models,
  };
};
