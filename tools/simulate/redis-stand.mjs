// The Redis that is measured: one of its own, or one that runs already.
import { Redis } from 'ioredis';

import { RedisServer } from '../support/redis-server.mjs';

const LOOK_MS = 200;

/**
 * A field of what INFO says.
 *
 * @param {string} info
 * @param {string} name
 */
const field = (info, name) => Number(new RegExp(`^${name}:(.+)$`, 'm').exec(info)?.[1] ?? 0);

export class RedisStand {
  /** @type {RedisServer | undefined} */
  #server;
  /** @type {Redis} */
  #client;
  #peakMemory = 0;
  /** @type {NodeJS.Timeout} */
  #watch;
  /** @type {string} */
  url;

  /**
   * @param {string} url
   * @param {RedisServer | undefined} server that ends with it
   */
  constructor(url, server) {
    this.url = url;
    this.#server = server;
    this.#client = new Redis(url);
    // Not there yet, or gone: commands wait, and it connects again.
    this.#client.on('error', () => undefined);
    this.#watch = setInterval(() => void this.#look(), LOOK_MS);
  }

  /** @param {string | undefined} url of one that runs already */
  static async start(url) {
    const server = url === undefined ? await startOwn() : undefined;
    const stand = new RedisStand(url ?? server?.url ?? '', server);
    await stand.#client.ping();
    return stand;
  }

  async #look() {
    const info = await this.#client.info('memory').catch(() => '');
    this.#peakMemory = Math.max(this.#peakMemory, field(info, 'used_memory'));
  }

  async counters() {
    const info = await this.#client.info();
    return {
      cpuSeconds: field(info, 'used_cpu_user') + field(info, 'used_cpu_sys'),
      inBytes: field(info, 'total_net_input_bytes'),
      outBytes: field(info, 'total_net_output_bytes'),
    };
  }

  async peakMemory() {
    await this.#look();
    return this.#peakMemory;
  }

  async stop() {
    clearInterval(this.#watch);
    this.#client.disconnect();
    await this.#server?.[Symbol.asyncDispose]();
  }
}

const startOwn = () =>
  RedisServer.start().catch((/** @type {unknown} */ error) => {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing) throw error;
    console.error(
      'simulate: redis-server is missing: install it, or name one that runs with --redis',
    );
    process.exit(69);
  });
