// A real redis-server child on a free port of loopback, with a folder of its own: started, stopped, killed and
// started again on the same port, as a machine's Redis is.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RedisSettings } from '../../src/queue/redis-settings.ts';
import { waitUntil } from './wait-until.ts';

/** Tests that need Redis are skipped where it is not installed; `npm test` installs it where it can. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export interface RedisServerOptions {
  /** Keep everything over a kill: an append-only file, written before each answer. */
  readonly isDurable?: boolean;
  /** More arguments, such as `--maxmemory 10mb`. */
  readonly args?: readonly string[];
  /** Run as a sentinel, with this file of its own. */
  readonly sentinelConf?: string;
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
    try {
      await server.start();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
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
    const { isDurable = false, args = [], sentinelConf } = this.#options;
    const durable = isDurable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
    const place = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder];
    const store = ['--save', '', '--maxmemory-policy', 'noeviction', ...durable];
    const child = spawn(
      'redis-server',
      sentinelConf === undefined
        ? [...place, ...store, ...args]
        : [sentinelConf, ...place, ...args, '--sentinel'],
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
        return this.#answers();
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

  /** Asks for a password counts; loading does not. */
  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write('PING\r\n'));
      const answer = (isThere: boolean): void => {
        socket.destroy();
        resolve(isThere);
      };
      socket.on('data', (text) => {
        answer(/^(?:\+PONG|-NOAUTH)/.test(text.toString()));
      });
      socket.on('error', () => {
        answer(false);
      });
    });
  }
}
