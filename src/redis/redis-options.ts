// From settings to clients of ioredis: how to connect, how often to try again, what a dead connection is.
import type { ConnectionOptions } from 'node:tls';

import { Cluster, Redis, type RedisOptions } from 'ioredis';

import { readSmallFile } from '../process/read-small-file.ts';
import { PatchwatchError, toError } from '../core/errors.ts';
import type { RedisSettings, RedisTls } from './redis-settings.ts';

export type RedisClient = Redis | Cluster;

const CONNECT_TIMEOUT_MS = 5_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;
const KEEP_ALIVE_MS = 10_000;
/** Longer than any command blocks: no answer for this long is a connection that was cut in silence. */
const SILENCE_MS = 15_000;

const retryDelayMs = (attempt: number): number =>
  Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));

/** Of a certificate, with those that vouch for it. */
const MAX_TLS_FILE_BYTES = 1024 * 1024;

const readTlsFile = async (path: string): Promise<Buffer> => {
  try {
    return await readSmallFile(path, MAX_TLS_FILE_BYTES);
  } catch (error) {
    throw new PatchwatchError(
      'QUEUE_UNAVAILABLE',
      `can't read ${path} for TLS to Redis (${toError(error).message}); check queue.redis.tls`,
      { cause: error },
    );
  }
};

const tlsOptions = async ({ caFile, certFile, keyFile }: RedisTls): Promise<ConnectionOptions> => ({
  ...(caFile === undefined ? {} : { ca: await readTlsFile(caFile) }),
  ...(certFile === undefined ? {} : { cert: await readTlsFile(certFile) }),
  ...(keyFile === undefined ? {} : { key: await readTlsFile(keyFile) }),
});

const commonOptions = async (settings: RedisSettings): Promise<RedisOptions> => ({
  lazyConnect: true,
  connectTimeout: CONNECT_TIMEOUT_MS,
  keepAlive: KEEP_ALIVE_MS,
  socketTimeout: SILENCE_MS,
  // Commands wait for Redis to come back; whoever must not wait asks `isUp` first.
  maxRetriesPerRequest: null,
  retryStrategy: retryDelayMs,
  // A replica that was master before a failover: connect again, then repeat the command.
  reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  ...(settings.username === undefined ? {} : { username: settings.username }),
  ...(settings.password === undefined ? {} : { password: settings.password }),
  ...(settings.tls === undefined ? {} : { tls: await tlsOptions(settings.tls) }),
});

/** A client that has not connected yet. Reads the TLS files. */
export const createRedisClient = async (settings: RedisSettings): Promise<RedisClient> => {
  const options = await commonOptions(settings);
  const { endpoint } = settings;
  switch (endpoint.kind) {
    case 'single':
      return new Redis(endpoint.url, options);
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: endpoint.nodes.map(({ host, port }) => ({ host, port })),
        name: endpoint.name,
        ...(endpoint.password === undefined ? {} : { sentinelPassword: endpoint.password }),
        ...(options.tls === undefined
          ? {}
          : { sentinelTLS: options.tls, enableTLSForSentinelMode: true }),
        sentinelRetryStrategy: retryDelayMs,
      });
    case 'cluster':
      return new Cluster(
        endpoint.nodes.map(({ host, port }) => ({ host, port })),
        { lazyConnect: true, redisOptions: options, clusterRetryStrategy: retryDelayMs },
      );
  }
};
