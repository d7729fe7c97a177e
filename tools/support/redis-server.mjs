// A real redis-server child on a free port of loopback, with a folder of its own: started, stopped, killed and
// started again on the same port, as a machine's Redis is. Tests, the chaos run and the simulation share it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.mjs';
import { waitUntil } from './wait-until.mjs';

const START_MS = 20_000;
/** Of what it says, for the error when it does not start. */
const KEPT_OUTPUT = 4_000;

/**
 * @typedef {object} RedisServerOptions
 * @property {boolean} [isDurable] keep everything over a kill: an append-only file, written before each answer
 * @property {readonly string[]} [args] more arguments, such as `--maxmemory 10mb`
 * @property {string} [sentinelConf] run as a sentinel, with this file of its own
 */

export class RedisServer {
  /** @type {RedisServerOptions} */
  #options;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  #output = '';
  port = 0;
  folder = '';

  /** @param {RedisServerOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {RedisServerOptions} [options] */
  static async start(options = {}) {
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

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid() {
    return this.#child?.pid;
  }

  /**
   * How the daemon's connections are told of it.
   *
   * @param {string} namespace
   */
  settings(namespace) {
    return {
      endpoint: { kind: /** @type {const} */ ('single'), url: this.url },
      username: undefined,
      password: undefined,
      tls: undefined,
      namespace,
    };
  }

  async start() {
    const child = spawn('redis-server', this.#arguments(), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    /** @type {Error | undefined} */
    let failure;
    child.once('error', (error) => {
      failure = error;
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (/** @type {Buffer} */ text) => {
        this.#output = `${this.#output}${text.toString()}`.slice(-KEPT_OUTPUT);
      });
    }
    await waitUntil(
      async () => {
        if (failure !== undefined) throw failure;
        if (child.exitCode !== null) throw new Error(`redis-server ended:\n${this.#output}`);
        return this.#answers();
      },
      START_MS,
      'redis-server',
    );
  }

  /** Asks it to end, as an init system does. */
  stop() {
    return this.#end('SIGTERM');
  }

  kill() {
    return this.#end('SIGKILL');
  }

  /** Stops it from answering, without closing a connection. */
  freeze() {
    this.#child?.kill('SIGSTOP');
  }

  thaw() {
    this.#child?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose]() {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  #arguments() {
    const { isDurable = false, args = [], sentinelConf } = this.#options;
    const durable = isDurable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
    const place = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder];
    const store = ['--save', '', '--maxmemory-policy', 'noeviction', ...durable];
    return sentinelConf === undefined
      ? [...place, ...store, ...args]
      : [sentinelConf, ...place, ...args, '--sentinel'];
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.#child;
    this.#child = undefined;
    // Without a pid it never was.
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await gone;
  }

  /**
   * Asks for a password counts; loading does not.
   *
   * @returns {Promise<boolean>}
   */
  #answers() {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write('PING\r\n'));
      const answer = (/** @type {boolean} */ isThere) => {
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
