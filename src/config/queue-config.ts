// The queue's settings in use. Redis is described as the connections are made (src/redis/redis-settings.ts).
import { dirname, resolve } from 'node:path';

import { durationMs } from './duration.ts';
import type { QueueDocument } from './queue-schema.ts';

interface RedisNodeConfig {
  readonly host: string;
  readonly port: number;
}

export interface RedisConfig {
  readonly endpoint:
    | {
        readonly kind: 'single';
        /** May hold credentials: redactUrl before it is shown. */
        readonly url: string;
      }
    | {
        readonly kind: 'sentinel';
        readonly nodes: readonly RedisNodeConfig[];
        readonly name: string;
        readonly password: string | undefined;
      }
    | { readonly kind: 'cluster'; readonly nodes: readonly RedisNodeConfig[] };
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Paths are absolute. */
  readonly tls:
    | {
        readonly caFile: string | undefined;
        readonly certFile: string | undefined;
        readonly keyFile: string | undefined;
      }
    | undefined;
  readonly namespace: string;
}

interface QueueBounds {
  readonly maxFramesPerCamera: number;
  readonly maxFrameAgeMs: number;
}

export type QueueConfig =
  | (QueueBounds & { readonly kind: 'memory' })
  | (QueueBounds & {
      readonly kind: 'bullmq';
      readonly redis: RedisConfig;
      /** A worker that is silent for this long is taken for dead. */
      readonly lockMs: number;
      /** How scene models reach workers. */
      readonly models: QueueDocument['models'];
    });

/** What files held instead of the configuration. */
export interface RedisSecrets {
  readonly url: string | undefined;
  readonly password: string | undefined;
  readonly sentinelPassword: string | undefined;
}

const nodeConfig = (text: string): RedisNodeConfig => {
  const colon = text.lastIndexOf(':');
  return {
    host: text.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(text.slice(colon + 1)),
  };
};

const endpoint = (
  { sentinels, sentinelName, cluster }: QueueDocument['redis'],
  secrets: RedisSecrets,
): RedisConfig['endpoint'] => {
  if (cluster.length > 0) return { kind: 'cluster', nodes: cluster.map(nodeConfig) };
  if (sentinels.length > 0) {
    return {
      kind: 'sentinel',
      nodes: sentinels.map(nodeConfig),
      name: sentinelName ?? '',
      password: secrets.sentinelPassword,
    };
  }
  return { kind: 'single', url: secrets.url ?? '' };
};

/** Total: what `kind` needs was checked before. */
export const queueConfig = (
  { kind, maxFramesPerCamera, maxFrameAge, lockDuration, models, redis }: QueueDocument,
  secrets: RedisSecrets,
  configPath: string,
): QueueConfig => {
  const bounds = { maxFramesPerCamera, maxFrameAgeMs: durationMs(maxFrameAge) };
  if (kind === 'memory') return { kind, ...bounds };
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(dirname(configPath), path);
  const { enabled, caFile, certFile, keyFile } = redis.tls;
  const hasTls = enabled || secrets.url?.startsWith('rediss:') === true;
  return {
    kind,
    ...bounds,
    lockMs: durationMs(lockDuration),
    models,
    redis: {
      endpoint: endpoint(redis, secrets),
      username: redis.username,
      password: secrets.password,
      tls: hasTls
        ? { caFile: absolute(caFile), certFile: absolute(certFile), keyFile: absolute(keyFile) }
        : undefined,
      namespace: redis.namespace,
    },
  };
};
