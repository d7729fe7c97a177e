// Thousands of cameras against one real Redis, with the queue that the daemon uses and a scorer that does nothing or
// sleeps: where one Redis ends, and how work spreads over workers. Figures of docs/design/scale.md.
//
//   npm run simulate                                          200 cameras, 20 s, a scorer that does nothing
//   npm run simulate -- --cameras 1000 --payload-bytes 4096   tickets without the weight of pixels
//   npm run simulate -- --workers 4 --service-ms 12 --saturate 60   as fast as the workers can
//   npm run simulate -- --json --redis redis://127.0.0.1:6379  another Redis than one of its own
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';

import { RedisStand } from './redis-stand.mjs';

const PART = new URL('./part.mjs', import.meta.url);
const FRAME_BYTES = 196_608;
/** Not counted: connections are made, scripts are loaded. */
const WARM_UP_MS = 3_000;

const { values: flags } = parseArgs({
  options: {
    cameras: { type: 'string', default: '200' },
    fps: { type: 'string', default: '5' },
    'segment-frames': { type: 'string', default: '2' },
    'payload-bytes': { type: 'string' },
    workers: { type: 'string', default: '1' },
    'service-ms': { type: 'string', default: '0' },
    'batch-frames': { type: 'string', default: '16' },
    saturate: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    redis: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {'gateway' | 'worker' | 'ingest'} Kind */
/** @typedef {Readonly<Record<string, number>>} Counts */

/**
 * @param {Exclude<keyof typeof flags, 'json' | 'redis'>} name
 * @param {number} least
 */
const whole = (name, least) => {
  const value = Number(flags[name]);
  if (Number.isSafeInteger(value) && value >= least) return value;
  console.error(
    `simulate: --${name} ${flags[name] ?? ''}: expected a whole number from ${least} on`,
  );
  process.exit(64);
};

const cameras = whole('cameras', 1);
const segmentFrames = whole('segment-frames', 1);
const setting = {
  cameras,
  segmentFrames,
  fps: whole('fps', 1),
  // The frame before them goes with each segment.
  payloadBytes:
    flags['payload-bytes'] === undefined
      ? (segmentFrames + 1) * FRAME_BYTES
      : whole('payload-bytes', 1),
  serviceMs: whole('service-ms', 0),
  batchFrames: whole('batch-frames', 1),
  /** Segments that are kept waiting, instead of cameras that keep time. */
  saturate: flags.saturate === undefined ? undefined : whole('saturate', 1),
  workers: whole('workers', 1),
  seconds: whole('seconds', 1),
};

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @type {Set<ChildProcess>} */
const children = new Set();

/**
 * A part that ends before it is told to ends the simulation.
 *
 * @param {Kind} kind
 * @param {string} redisUrl
 * @returns {Promise<ChildProcess>}
 */
const startPart = (kind, redisUrl) =>
  new Promise((resolve) => {
    const child = fork(PART, [JSON.stringify({ ...setting, kind, redisUrl })]);
    children.add(child);
    child.once('exit', (code) => {
      console.error(`simulate: ${kind} ended with code ${code ?? 'none'}`);
      for (const other of children) other.kill('SIGKILL');
      void redis.stop().then(() => process.exit(70));
    });
    child.once('message', () => {
      resolve(child);
    });
  });

/**
 * Counts since the part began.
 *
 * @param {ChildProcess} child
 * @returns {Promise<Counts>}
 */
const ask = (child) =>
  new Promise((resolve) => {
    child.once('message', (counts) => {
      resolve(/** @type {Counts} */ (counts));
    });
    child.send('report');
  });

const end = (/** @type {ChildProcess} */ child) =>
  new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.once('exit', resolve);
    child.send('stop');
  });

/**
 * @param {Counts} after
 * @param {Counts} before
 * @returns {(name: string) => number}
 */
const difference = (after, before) => (name) => (after[name] ?? 0) - (before[name] ?? 0);

const sums = (/** @type {readonly Counts[]} */ reports) => {
  /** @type {Record<string, number>} */
  const sum = {};
  for (const report of reports) {
    for (const [key, value] of Object.entries(report)) sum[key] = (sum[key] ?? 0) + value;
  }
  return sum;
};

/**
 * @param {RedisStand} redis
 * @param {{ gateway: ChildProcess, ingest: ChildProcess, workers: readonly ChildProcess[] }} parts
 */
const measure = async (redis, parts) => {
  const sample = async () => ({
    redis: await redis.counters(),
    gateway: await ask(parts.gateway),
    ingest: await ask(parts.ingest),
    workers: sums(await Promise.all(parts.workers.map(ask))),
    atMs: performance.now(),
  });
  const before = await sample();
  await sleep(setting.seconds * 1_000);
  const after = await sample();
  const seconds = (after.atMs - before.atMs) / 1_000;
  const gateway = difference(after.gateway, before.gateway);
  const used = difference(after.redis, before.redis);
  const cpuSeconds = (/** @type {'ingest' | 'workers' | 'gateway'} */ part) =>
    difference(after[part], before[part])('cpuSeconds');
  const scored = gateway('scored');
  const perSegment = (/** @type {number} */ value) => (scored === 0 ? null : value / scored);
  return {
    ...setting,
    saturate: setting.saturate ?? null,
    seconds,
    segmentsPerSecond: scored / seconds,
    framesPerSecond: (scored * segmentFrames) / seconds,
    droppedSegments: gateway('dropped'),
    waitedMsMean: scored === 0 ? null : gateway('waitedMs') / scored,
    redisCpuShare: used('cpuSeconds') / seconds,
    redisCpuMicrosPerSegment: perSegment(1e6 * used('cpuSeconds')),
    redisMemoryBytes: await redis.peakMemory(),
    redisInBytesPerCameraSecond: used('inBytes') / seconds / cameras,
    redisOutBytesPerCameraSecond: used('outBytes') / seconds / cameras,
    ingestCpuMicrosPerSegment: perSegment(1e6 * cpuSeconds('ingest')),
    workersCpuMicrosPerSegment: perSegment(1e6 * cpuSeconds('workers')),
    gatewayCpuMicrosPerSegment: perSegment(1e6 * cpuSeconds('gateway')),
    redisLimitSegmentsPerSecond: used('cpuSeconds') === 0 ? null : scored / used('cpuSeconds'),
  };
};

/** @param {Awaited<ReturnType<typeof measure>>} report */
const print = (report) => {
  const row = (/** @type {string} */ name, /** @type {string | number} */ value) =>
    console.log(`${name.padEnd(44)} ${value}`);
  const micros = (/** @type {number | null} */ value) =>
    value === null ? '–' : `${Math.round(value)} µs`;
  const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  row('cameras, frames/s each, frames a segment', `${cameras}, ${setting.fps}, ${segmentFrames}`);
  row('workers, milliseconds a frame', `${setting.workers}, ${setting.serviceMs}`);
  row(
    'segments a second, frames a second',
    `${report.segmentsPerSecond.toFixed(1)}, ${report.framesPerSecond.toFixed(1)}`,
  );
  row('segments dropped', report.droppedSegments);
  row(
    'from offer to outcome, mean',
    report.waitedMsMean === null ? '–' : `${report.waitedMsMean.toFixed(1)} ms`,
  );
  row('Redis: share of its one core', `${(100 * report.redisCpuShare).toFixed(1)} %`);
  row('Redis: processor time a segment', micros(report.redisCpuMicrosPerSegment));
  row(
    'Redis: would end at, segments a second',
    Math.round(report.redisLimitSegmentsPerSecond ?? 0),
  );
  row('Redis: memory at its peak', megabytes(report.redisMemoryBytes));
  row(
    'Redis: in, out, a camera and second',
    `${megabytes(report.redisInBytesPerCameraSecond)}, ${megabytes(report.redisOutBytesPerCameraSecond)}`,
  );
  row('processor time a segment: ingest', micros(report.ingestCpuMicrosPerSegment));
  row('processor time a segment: workers', micros(report.workersCpuMicrosPerSegment));
  row('processor time a segment: gateway', micros(report.gatewayCpuMicrosPerSegment));
};

const redis = await RedisStand.start(flags.redis);
try {
  const gateway = await startPart('gateway', redis.url);
  const workers = await Promise.all(
    Array.from({ length: setting.workers }, () => startPart('worker', redis.url)),
  );
  const ingest = await startPart('ingest', redis.url);
  await sleep(WARM_UP_MS);
  const report = await measure(redis, { gateway, workers, ingest });
  if (flags.json) console.log(JSON.stringify(report, undefined, 2));
  else print(report);
  for (const child of [ingest, ...workers, gateway]) await end(child);
} finally {
  await redis.stop();
}
