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
import { freePort, RedisServer } from './redis.mjs';
import { Scrapes } from './scrapes.mjs';
import { waitUntil } from './wait-until.mjs';
import { Witness } from './witness.mjs';

const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'dist', 'main.js');
const CLIP = join(ROOT, 'assets', 'demo', 'vtest.mp4');
const NAMESPACE = 'chaos';
/** Stretches of the clip, in seconds, in which somebody leaves the paths again and again. */
const STRETCHES = { square: [46, 78], lawn: [48, 65] };
const THRESHOLD = 8.5;
const SMOOTHING = 0.5;
const POLICY = { hysteresis: 0.9, minDurationMs: 300, cooldownMs: 2_000, updateIntervalMs: 1_000 };

/** What of each role is said when it works. */
const READY = {
  gateway: /"message":"watching"/,
  worker: /"message":"scoring"/,
  ingest: /"message":"capturing"/,
};

const runOrThrow = (command, args, options = {}) => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status === 0) return;
  throw new Error(`${command} ${args[0]} failed: ${error?.message ?? stderr.slice(-1_000)}`);
};

export class Stand {
  cameras = Object.keys(STRETCHES);
  folder = '';
  /** For its logs. */
  keepsFolder = false;
  redis;
  network;
  client;
  witness;
  ledger;
  scrapes;
  url = '';
  #children = new Map();

  async start() {
    this.folder = await mkdtemp(join(tmpdir(), 'patchwatch-chaos-'));
    this.redis = new RedisServer(this.folder);
    await this.redis.start();
    this.network = new Proxy(this.redis.port);
    const port = await this.network.start();
    await this.#prepare(port);
    this.witness = new Witness({
      port: this.redis.port,
      stream: `{patchwatch:${NAMESPACE}}:outcomes`,
    });
    this.witness.start();
    this.ledger = new Ledger({ port: this.redis.port, namespace: NAMESPACE });
    await this.ledger.start();
    await this.startRole('gateway');
    await this.#children
      .get('gateway')
      .says(/"message":"scene model published".*\n.*"message":"scene model published"/);
    await Promise.all([this.startRole('worker', 'worker-1'), this.startRole('worker', 'worker-2')]);
    await this.startRole('ingest');
    this.client = new AlertClient(this.url);
    this.client.start();
    this.scrapes = new Scrapes(this.url);
    this.scrapes.start();
  }

  async stop() {
    this.client?.stop();
    await this.scrapes?.stop();
    await Promise.all(
      ['ingest', 'worker-1', 'worker-2', 'gateway'].map((name) =>
        this.#children.get(name)?.end('SIGTERM'),
      ),
    );
    await this.witness?.stop();
    await this.ledger?.stop();
    this.network?.stop();
    this.redis?.close();
    await this.redis?.stop();
    if (!this.keepsFolder) await rm(this.folder, { recursive: true, force: true });
  }

  child(name) {
    return this.#children.get(name);
  }

  async startRole(role, name = role, env = {}) {
    const child = new Child({
      name,
      command: process.execPath,
      args: [MAIN, 'run', '-c', `${role}.yaml`, '--role', role],
      env,
      cwd: this.folder,
    });
    this.#children.set(name, child);
    await child.says(READY[role]);
  }

  async kill9(name) {
    await this.#children.get(name).end('SIGKILL');
  }

  async endRole(name) {
    await this.#children.get(name).end('SIGTERM');
  }

  /** The scoring process of a worker. */
  scorerPid(name) {
    const pids = [
      ...this.#children.get(name).output.matchAll(/"pid":(\d+).*"scoring process ready"/g),
    ];
    return Number(pids.at(-1)?.[1]);
  }

  /** Alert phases that the client was told, and those that a reader in peace would have told. */
  alerts(camera) {
    const all = this.client.messages
      .map(({ alert }) => alert)
      .filter((alert) => alert.cameraId === camera && alert.phase !== 'update');
    const expected = this.witness.expected(
      camera,
      { smoothing: SMOOTHING, threshold: THRESHOLD, policy: POLICY },
      all,
    );
    const name = ({ phase, id }) => `${phase} ${id}`;
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

  async #prepare(redisPort) {
    for (const [camera, [from, to]] of Object.entries(STRETCHES)) {
      const cut = ['-ss', from, '-t', to - from, '-i', CLIP, '-an', '-c:v', 'mpeg4', '-q:v', '2'];
      const args = ['-v', 'error', ...cut.map(String), join(this.folder, `${camera}.mp4`)];
      runOrThrow('ffmpeg', args);
    }
    const serverPort = await freePort();
    this.url = `http://127.0.0.1:${serverPort}`;
    for (const role of ['gateway', 'worker', 'ingest']) {
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

  /** A data folder for each role, as on machines of their own. */
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
