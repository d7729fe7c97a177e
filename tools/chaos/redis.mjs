// A real Redis with an append-only file, that is stopped, started and squeezed.
import { once } from 'node:events';
import { createServer } from 'node:net';

import { Redis } from 'ioredis';

import { Child } from './children.mjs';
import { waitUntil } from './wait-until.mjs';

export const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};

export class RedisServer {
  #child;
  #folder;
  /** Our own connection, past the proxy. */
  client;
  port = 0;

  constructor(folder) {
    this.#folder = folder;
  }

  async start() {
    if (this.port === 0) this.port = await freePort();
    const options = {
      port: this.port,
      bind: '127.0.0.1',
      dir: this.#folder,
      save: '',
      appendonly: 'yes',
      'maxmemory-policy': 'noeviction',
    };
    this.#child = new Child({
      name: 'redis',
      command: 'redis-server',
      args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
      cwd: this.#folder,
    });
    this.client ??= this.#connect();
    await waitUntil(
      () =>
        this.client.ping().then(
          (answer) => answer === 'PONG',
          () => false,
        ),
      20_000,
      'Redis',
    );
  }

  async stop() {
    await this.#child.end('SIGTERM');
  }

  async usedMemory() {
    return Number(/used_memory:(\d+)/.exec(await this.client.info('memory'))?.[1]);
  }

  async isFull() {
    return this.client.set('probe', 'x').then(
      () => false,
      (error) => error.message.startsWith('OOM'),
    );
  }

  close() {
    this.client?.disconnect();
  }

  #connect() {
    const client = new Redis(this.port, '127.0.0.1', {
      retryStrategy: () => 50,
      maxRetriesPerRequest: 0,
    });
    client.on('error', () => undefined);
    return client;
  }
}
