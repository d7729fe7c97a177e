// The whole installation on one machine: a Redis behind a network that can be cut, ingest, two workers, a gateway,
// a client that collects alerts. What dies is started again at once, as a service manager would.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AlertClient } from './alert-client.mjs';
import { Child } from './children.mjs';
import { Ledger } from './ledger.mjs';
import { Proxy } from './proxy.mjs';
import { freePort } from '../support/free-port.mjs';
import { ChaosRedis } from './redis.mjs';
import { Scrapes } from './scrapes.mjs';
import { waitUntil } from '../support/wait-until.mjs';
import { Witness } from './witness.mjs';

const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'dist', 'main.js');
const CLIP = join(ROOT, 'assets', 'demo', 'vtest.mp4');
const NAMESPACE = 'chaos';
/** @typedef {'ingest' | 'worker' | 'gateway'} Role */

/** Stretches of the clip, in seconds, in which somebody leaves the paths again and again. */
/** @type {Readonly<Record<string, readonly [from: number, to: number]>>} */
const STRETCHES = { square: [46, 78], lawn: [48, 65] };
const THRESHOLD = 8.5;
const SMOOTHING = 0.5;
const POLICY = { hysteresis: 0.9, minDurationMs: 300, cooldownMs: 2_000, updateIntervalMs: 1_000 };

/**
 * What of each role is said when it works.
 *
 * @type {Readonly<Record<Role, RegExp>>}
 */
const READY = {
  gateway: /"message":"watching"/,
  worker: /"message":"scoring"/,
  ingest: /"message":"capturing"/,
};

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string }} [options]
 */
const runOrThrow = (command, args, options = {}) => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status === 0) return;
  throw new Error(`${command} ${args[0] ?? ''} failed: ${error?.message ?? stderr.slice(-1_000)}`);
};

/**
 * A part that is there from start() on.
 *
 * @template Part
 * @param {Part | undefined} part
 */
const started = (part) => {
  if (part === undefined) throw new Error('the installation was not started');
  return part;
};

export class Stand {
  cameras = Object.keys(STRETCHES);
  folder = '';
  /** For its logs. */
  keepsFolder = false;
  url = '';
  /** @type {ChaosRedis | undefined} */
  #redis;
  /** @type {Proxy | undefined} */
  #network;
  /** @type {AlertClient | undefined} */
  #client;
  /** @type {Witness | undefined} */
  #witness;
  /** @type {Ledger | undefined} */
  #ledger;
  /** @type {Scrapes | undefined} */
  #scrapes;
  /** @type {Map<string, Child>} */
  #children = new Map();

  get redis() {
    return started(this.#redis);
  }

  get network() {
    return started(this.#network);
  }

  get client() {
    return started(this.#client);
  }

  get witness() {
    return started(this.#witness);
  }

  get ledger() {
    return started(this.#ledger);
  }

  get scrapes() {
    return started(this.#scrapes);
  }

  async start() {
    this.folder = await mkdtemp(join(tmpdir(), 'patchwatch-chaos-'));
    this.#redis = await ChaosRedis.start(join(this.folder, 'redis.log'));
    const { server } = this.#redis;
    this.#network = new Proxy(server.port);
    const port = await this.#network.start();
    await this.#prepare(port);
    this.#witness = new Witness({
      port: server.port,
      stream: `{patchwatch:${NAMESPACE}}:outcomes`,
    });
    this.#witness.start();
    this.#ledger = new Ledger(server.settings(NAMESPACE));
    await this.#ledger.start();
    await this.startRole('gateway');
    await this.child('gateway').says(
      /"message":"scene model published"[^]*"message":"scene model published"/,
    );
    await Promise.all([this.startRole('worker', 'worker-1'), this.startRole('worker', 'worker-2')]);
    await this.startRole('ingest');
    this.#client = new AlertClient(this.url);
    this.#client.start();
    this.#scrapes = new Scrapes(this.url);
    this.#scrapes.start();
  }

  async stop() {
    this.#client?.stop();
    await this.#scrapes?.stop();
    await Promise.all([...this.#children.values()].map((child) => child.end('SIGTERM')));
    await this.#witness?.stop();
    await this.#ledger?.stop();
    this.#network?.stop();
    await this.#redis?.[Symbol.asyncDispose]();
    if (!this.keepsFolder) await rm(this.folder, { recursive: true, force: true });
  }

  /** @param {string} name */
  child(name) {
    return started(this.#children.get(name));
  }

  /**
   * @param {Role} role
   * @param {string} [name]
   * @param {Readonly<Record<string, string>>} [env]
   * @param {string} [main] another program that runs as this one does
   */
  async startRole(role, name = role, env = {}, main = MAIN) {
    const child = new Child({
      name,
      command: process.execPath,
      args: [main, 'run', '-c', `${role}.yaml`, '--role', role],
      env,
      cwd: this.folder,
    });
    this.#children.set(name, child);
    await child.says(READY[role]);
  }

  /** @param {string} name */
  async kill9(name) {
    await this.child(name).end('SIGKILL');
  }

  /** @param {string} name */
  async endRole(name) {
    await this.child(name).end('SIGTERM');
  }

  /**
   * The scoring process of a worker.
   *
   * @param {string} name
   */
  scorerPid(name) {
    const pids = [...this.child(name).output.matchAll(/"pid":(\d+).*"scoring process ready"/g)];
    return Number(pids.at(-1)?.[1]);
  }

  /**
   * Alert phases that the client was told, and those that a reader in peace would have told.
   *
   * @param {string} camera
   */
  alerts(camera) {
    const all = this.client.messages
      .map(({ alert }) => alert)
      .filter((alert) => alert.cameraId === camera && alert.phase !== 'update');
    const expected = this.witness.expected(
      camera,
      { smoothing: SMOOTHING, threshold: THRESHOLD, policy: POLICY },
      all,
    );
    const name = (/** @type {{ readonly phase: string, readonly id: string }} */ { phase, id }) =>
      `${phase} ${id}`;
    return { told: all.map(name), expected: expected.map(name) };
  }

  isAlertOpen() {
    return this.cameras.some((camera) => this.alerts(camera).told.at(-1)?.startsWith('open'));
  }

  async untilAlertOpen() {
    await waitUntil(() => this.isAlertOpen(), 60_000, 'an open alert');
  }

  async isReady() {
    const response = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(1_000) });
    return response.status === 200;
  }

  /** @param {number} redisPort */
  async #prepare(redisPort) {
    for (const [camera, [from, to]] of Object.entries(STRETCHES)) {
      const cut = ['-ss', from, '-t', to - from, '-i', CLIP, '-an', '-c:v', 'mpeg4', '-q:v', '2'];
      const args = ['-v', 'error', ...cut.map(String), join(this.folder, `${camera}.mp4`)];
      runOrThrow('ffmpeg', args);
    }
    const serverPort = await freePort();
    this.url = `http://127.0.0.1:${serverPort}`;
    for (const role of /** @type {const} */ (['gateway', 'worker', 'ingest'])) {
      await mkdir(join(this.folder, role), { recursive: true });
      const text = this.#configuration(role, redisPort, serverPort);
      await writeFile(join(this.folder, `${role}.yaml`), text);
    }
    for (const camera of this.cameras) {
      const footage = ['--from', CLIP, '--duration', '40s'];
      const args = [MAIN, 'fit', '-c', 'gateway.yaml', '--camera', camera, ...footage];
      runOrThrow(process.execPath, args, { cwd: this.folder });
    }
  }

  /**
   * A data folder for each role, as on machines of their own.
   *
   * @param {Role} role
   * @param {number} redisPort
   * @param {number} serverPort
   */
  #configuration(role, redisPort, serverPort) {
    return JSON.stringify({
      dataDir: `./${role}`,
      log: { format: 'json', level: 'debug' },
      server: { port: serverPort },
      queue: {
        kind: 'bullmq',
        lockDuration: '2s',
        redis: { url: `redis://127.0.0.1:${redisPort}`, namespace: NAMESPACE },
      },
      engine: { threads: 1 },
      defaults: {
        loop: true,
        smoothing: SMOOTHING,
        alert: {
          threshold: THRESHOLD,
          hysteresis: POLICY.hysteresis,
          minDuration: `${POLICY.minDurationMs}ms`,
          cooldown: `${POLICY.cooldownMs}ms`,
          updateInterval: `${POLICY.updateIntervalMs}ms`,
        },
      },
      cameras: Object.fromEntries(this.cameras.map((id) => [id, { url: `./${id}.mp4` }])),
    });
  }
}

/** Whether the clock of a process can be set apart from the machine's. */
export const FAKETIME = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
].find((path) => existsSync(path));
