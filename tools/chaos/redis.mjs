// The installation's Redis as the chaos run squeezes it: durable, with a connection past the proxy.
import { Redis } from 'ioredis';

import { RedisServer } from '../support/redis-server.mjs';

export class ChaosRedis {
  /** @type {RedisServer} */
  server;
  /** Our own connection. */
  client;

  /** @param {RedisServer} server */
  constructor(server) {
    this.server = server;
    this.client = new Redis(server.port, '127.0.0.1', {
      retryStrategy: () => 50,
      maxRetriesPerRequest: 0,
    });
    this.client.on('error', () => undefined);
  }

  /** @param {string} logFile absolute */
  static async start(logFile) {
    return new ChaosRedis(
      await RedisServer.start({ args: ['--appendonly', 'yes', '--logfile', logFile] }),
    );
  }

  async usedMemory() {
    return Number(/used_memory:(\d+)/.exec(await this.client.info('memory'))?.[1]);
  }

  async isFull() {
    return this.client.set('probe', 'x').then(
      () => false,
      (/** @type {unknown} */ error) => error instanceof Error && error.message.startsWith('OOM'),
    );
  }

  async [Symbol.asyncDispose]() {
    this.client.disconnect();
    await this.server[Symbol.asyncDispose]();
  }
}
