// A real redis-server child on a free port of loopback, with a folder of its own: started, stopped, killed and
// started again on the same port, as a machine's Redis is.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import type { RedisSettings } from '../../src/queue/redis-settings.ts';
import { waitUntil } from './wait-until.ts';

/** Tests that need Redis are skipped where it is not installed; `npm test` installs it where it can. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export interface RedisServerOptions {
  /** Keep everything over a kill: an append-only file, written before each answer. */
  readonly isDurable?: boolean;
  /** More arguments, such as `--maxmemory 10mb`. */
  readonly args?: readonly string[];
  /** Waits for this instead of a plain PING. */
  readonly isReady?: (server: RedisServer) => Promise<boolean>;
}

export const freePort = async (): Promise<number> => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  server.close();
  await closed;
  return port;
};

export class RedisServer implements AsyncDisposable {
  readonly #options: RedisServerOptions;
  #child: ChildProcess | undefined;
  #output = '';
  port = 0;
  folder = '';

  private constructor(options: RedisServerOptions) {
    this.#options = options;
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(options);
    server.folder = await mkdtemp(join(tmpdir(), 'patchwatch-redis-'));
    server.port = await freePort();
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  settings(namespace: string): RedisSettings {
    return {
      endpoint: { kind: 'single', url: this.url },
      username: undefined,
      password: undefined,
      tls: undefined,
      namespace,
    };
  }

  async start(): Promise<void> {
    const { isDurable = false, args = [], isReady } = this.#options;
    const durable = isDurable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
    const child = spawn(
      'redis-server',
      [
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder],
        ...['--save', '', '--maxmemory-policy', 'noeviction', ...durable, ...args],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        this.#output = `${this.#output}${text.toString()}`.slice(-4_000);
      });
    }
    await waitUntil(
      async () => {
        if (child.exitCode !== null) throw new Error(`redis-server ended:\n${this.#output}`);
        return isReady === undefined ? this.#answers() : isReady(this);
      },
      20_000,
      'redis-server',
    );
  }

  /** Asks it to end, as an init system does. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Stops it from answering, without closing a connection. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await gone;
  }

  async #answers(): Promise<boolean> {
    const client = new Redis(this.port, '127.0.0.1', {
      lazyConnect: true,
      retryStrategy: () => null,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.ping();
      return true;
    } catch {
      return false;
    } finally {
      client.disconnect();
    }
  }
}
