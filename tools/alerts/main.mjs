// The shipped alert rules in a real Prometheus on a real installation of many parts, all on loopback: silent for some
// minutes while all is well, and each firing on its trouble.
//   node tools/alerts/main.mjs [--minutes 5] [--quick]
// In the silent part the rules are as shipped. For the troubles their times are shortened: what is asked there is
// whether they fire, not when. --quick leaves it at a silent half minute, with shortened times as well.
// Needs prometheus and redis-server; a fit of the demo clip comes first.
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Child, killAll } from '../chaos/children.mjs';
import { freePort } from '../support/free-port.mjs';
import { RedisServer } from '../support/redis-server.mjs';
import { waitUntil } from '../support/wait-until.mjs';
import { Prometheus } from './prometheus.mjs';

const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'dist', 'main.js');
const CLIP = join(ROOT, 'assets', 'demo', 'vtest.mp4');
const RULES = readFileSync(join(ROOT, 'deploy', 'alerts.rules.yml'), 'utf8');
const FIRES_WITHIN_MS = 120_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
  },
});
const silentMs = values.quick ? 30_000 : Number(values.minutes) * 60_000;

/** Minutes become seconds; rates need a few scrapes. */
const shortened = RULES.replace(/for: \d+m/g, 'for: 3s')
  .replaceAll('[5m]', '[15s]')
  .replaceAll('[15m]', '[30s]')
  .replaceAll('[1h]', '[60s]');

/** @param {string} text */
const say = (text) => process.stdout.write(`${text}\n`);

const folder = await mkdtemp(join(tmpdir(), 'patchwatch-alerts-'));
const redis = await RedisServer.start();
const cameras = { gate: join(folder, 'gate.mp4'), yard: join(folder, 'yard.mp4') };
/** @type {Record<string, number>} */
const targets = {};

/**
 * @param {string} name
 * @param {string} role
 * @param {RegExp} ready
 */
const startPart = async (name, role, ready) => {
  const port = targets[name] ?? (await freePort());
  targets[name] = port;
  const args = [MAIN, 'run', '--role', role];
  if (role !== 'gateway') args.push('--metrics-port', String(port));
  const part = new Child({ name, command: process.execPath, args, cwd: folder });
  await part.says(ready);
  return part;
};

const configure = async () => {
  const port = await freePort();
  targets.gateway = port;
  for (const path of Object.values(cameras)) await copyFile(CLIP, path);
  const lines = Object.entries(cameras).map(([id, path]) => `  ${id}: { url: '${path}' }`);
  await writeFile(
    join(folder, 'patchwatch.yaml'),
    `dataDir: data
server: { port: ${port} }
log: { format: json }
queue: { kind: bullmq, redis: { url: 'redis://127.0.0.1:${redis.port}' } }
defaults: { fps: 5, realtime: true, loop: true, alert: { threshold: 1000 } }
cameras:
${lines.join('\n')}
`,
  );
  for (const camera of Object.keys(cameras)) {
    const args = [MAIN, 'fit', '--camera', camera, '--from', CLIP, '--duration', '20s'];
    const fit = new Child({ name: 'fit', command: process.execPath, args, cwd: folder });
    await fit.says(/model \S+ \(/);
    await waitUntil(() => !fit.isAlive, 10_000, 'the end of the fit');
  }
};

const startAll = async () => ({
  gateway: await startPart('gateway', 'gateway', /"message":"watching"/),
  workers: [
    await startPart('worker-1', 'worker', /"message":"scoring"/),
    await startPart('worker-2', 'worker', /"message":"scoring"/),
  ],
  ingest: await startPart('ingest', 'ingest', /"message":"capturing"/),
});

const untilScored = () =>
  waitUntil(
    async () => {
      const reply = await fetch(`http://127.0.0.1:${targets.gateway ?? 0}/readyz`).catch(
        () => undefined,
      );
      return reply?.status === 200;
    },
    60_000,
    'both cameras to be scored',
  );

/** @param {Prometheus} prometheus */
const watchSilence = async (prometheus) => {
  const endMs = performance.now() + silentMs;
  /** @type {Set<string>} */
  const seen = new Set();
  while (performance.now() < endMs) {
    for (const name of await prometheus.firing()) seen.add(name);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  return [...seen];
};

/** @type {boolean[]} */
const outcomes = [];
/**
 * @param {string} what
 * @param {boolean} isRight
 * @param {string} detail
 */
const note = (what, isRight, detail) => {
  outcomes.push(isRight);
  say(`${isRight ? 'ok  ' : 'FAIL'}  ${what}: ${detail}`);
};

/**
 * Waits until the rule fires, then until none does.
 *
 * @param {Prometheus} prometheus
 * @param {string} what
 * @param {string} alert
 * @param {() => Promise<unknown>} heal
 */
const expectFiring = async (prometheus, what, alert, heal) => {
  const startMs = performance.now();
  const fired = await waitUntil(
    async () => (await prometheus.firing()).includes(alert),
    FIRES_WITHIN_MS,
    alert,
  ).then(
    () => true,
    () => false,
  );
  const others = (await prometheus.firing()).filter((name) => name !== alert);
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
  const beside = others.length === 0 ? '' : `, beside ${others.join(', ')}`;
  note(what, fired, `${alert} ${fired ? 'fires' : 'silent'} after ${seconds} s${beside}`);
  await heal();
  await waitUntil(
    async () => (await prometheus.firing()).length === 0,
    FIRES_WITHIN_MS,
    'silence after it is mended',
  ).catch(async () => {
    note(`${what}, mended`, false, `still firing: ${(await prometheus.firing()).join(', ')}`);
  });
};

/**
 * Its clip goes, and with it the ffmpeg that plays it: of the children of this ingest, and no other.
 *
 * @param {Child} ingest
 */
const pull = async (ingest) => {
  await rm(cameras.yard);
  const children = readFileSync(`/proc/${ingest.pid}/task/${ingest.pid}/children`, 'utf8');
  const playing = children
    .split(' ')
    .filter((pid) => pid !== '')
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(cameras.yard));
  if (playing.length === 0) throw new Error('nothing plays the camera that is to be pulled');
  for (const pid of playing) process.kill(Number(pid), 'SIGTERM');
};

try {
  await configure();
  const parts = await startAll();
  await untilScored();
  const healthy = new Prometheus({ folder, targets, rules: values.quick ? shortened : RULES });
  await healthy.start();
  say(`all is well for ${silentMs / 1_000} s …`);
  const fired = await watchSilence(healthy);
  const { scraped, rules, failing } = await healthy.health();
  note(
    'a healthy installation',
    fired.length === 0,
    fired.length === 0 ? 'no alert' : fired.join(', '),
  );
  note(
    'Prometheus',
    failing.length === 0,
    `${scraped} targets up, ${rules} rules evaluated${failing.join()}`,
  );
  await healthy.stop();

  const prometheus = new Prometheus({ folder, targets, rules: shortened });
  await prometheus.start();
  await parts.workers[0]?.end('SIGKILL');
  await expectFiring(prometheus, 'a worker killed', 'PatchwatchFewerWorkers', () =>
    startPart('worker-1', 'worker', /"message":"scoring"/),
  );
  await redis.stop();
  await expectFiring(prometheus, 'Redis stopped', 'PatchwatchRedisDown', () => redis.start());
  await untilScored();
  await pull(parts.ingest);
  await expectFiring(prometheus, 'a camera pulled', 'PatchwatchCameraDown', async () => {
    await copyFile(CLIP, cameras.yard);
    await parts.ingest.end('SIGTERM');
    await startPart('ingest', 'ingest', /"message":"capturing"/);
  });
} finally {
  await killAll();
  await redis[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}
const failed = outcomes.filter((isRight) => !isRight).length;
say(`${outcomes.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
