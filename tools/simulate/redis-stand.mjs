// The Redis that is measured: one of its own on a free port of loopback, or one that runs already.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

import { Redis } from 'ioredis';

const freePort = async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};

/** A field of what INFO says. */
const field = (info, name) => Number(new RegExp(`^${name}:(.+)$`, 'm').exec(info)?.[1] ?? 0);

export class RedisStand {
  #child;
  #client;
  #peakMemory = 0;
  #watch;

  /** @param {string | undefined} url of one that runs already */
  static async start(url) {
    const stand = new RedisStand();
    stand.url = url ?? (await stand.#spawn());
    stand.#client = new Redis(stand.url);
    // Not there yet, or gone: commands wait, and it connects again.
    stand.#client.on('error', () => undefined);
    await stand.#client.ping();
    stand.#watch = setInterval(() => void stand.#look(), 200);
    return stand;
  }

  async #spawn() {
    const port = await freePort();
    const args = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--maxmemory-policy',
      'noeviction',
    ];
    this.#child = spawn('redis-server', args, { stdio: 'ignore' });
    this.#child.once('error', () => {
      console.error(
        'simulate: redis-server is missing: install it, or name one that runs with --redis',
      );
      process.exit(69);
    });
    await once(this.#child, 'spawn');
    return `redis://127.0.0.1:${port}`;
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
    if (this.#child === undefined) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
