// One process of the simulation: ingest, worker or gateway, on the daemon's own queue. Says that it is ready, then
// answers `report` with its counts and ends at `stop`.
import { randomBytes } from 'node:crypto';

import { systemClock } from '../../dist/process/system-clock.js';
import { cameraId, sceneId } from '../../dist/core/ids.js';
import { silentLogger } from '../../dist/core/ports/logger.js';
import { silentMeter } from '../../dist/core/ports/meter.js';
import { WorkerLoop } from '../../dist/scoring/worker-loop.js';
import { BullmqFrameQueue } from '../../dist/queue/bullmq-queue.js';
import { RedisJournal } from '../../dist/redis/redis-journal.js';
import { RedisLink } from '../../dist/redis/redis-link.js';
import { RedisOutcomes } from '../../dist/redis/redis-outcomes.js';

/** @typedef {import('../../dist/core/frame.js').Segment} Segment */

const MAP_SIDE = 32;
const TICK_MS = 5;
/** Offers under way at a time: more would only wait inside the connection. */
const MOST_OFFERS = 64;
const COMMIT_MS = 50;

/**
 * What simulate.mjs asks of a part.
 *
 * @typedef {object} Setting
 * @property {'ingest' | 'worker' | 'gateway'} kind
 * @property {string} redisUrl
 * @property {number} cameras
 * @property {number} segmentFrames
 * @property {number} fps
 * @property {number} payloadBytes
 * @property {number} serviceMs
 * @property {number} batchFrames
 * @property {number} [saturate]
 */

/** @type {unknown} */
const given = JSON.parse(process.argv[2] ?? '{}');
const setting = /** @type {Setting} */ (given);
const { cameras, segmentFrames, fps, payloadBytes } = setting;
const stop = new AbortController();
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const link = new RedisLink({
  settings: {
    endpoint: { kind: 'single', url: setting.redisUrl },
    username: undefined,
    password: undefined,
    tls: undefined,
    namespace: 'simulation',
  },
  logger: silentLogger,
  meter: silentMeter,
});

const openQueue = () =>
  new BullmqFrameQueue({
    link,
    maxFramesPerCamera: 64,
    maxFrames: 64 * cameras,
    maxFrameAgeMs: 10_000,
    lockMs: 30_000,
    clock: systemClock,
    logger: silentLogger,
    meter: silentMeter,
  });

/** The simulated capture: every camera's segments on time, or so many kept waiting. */
const ingest = () => {
  const queue = openQueue();
  const pixels = new Uint8Array(payloadBytes);
  const runId = randomBytes(4).toString('hex');
  const sequences = new Uint32Array(cameras);
  const counts = { offered: 0, late: 0 };
  let underWay = 0;
  let next = 0;
  const offer = (/** @type {number} */ camera) => {
    const first = sequences[camera] ?? 0;
    sequences[camera] = first + segmentFrames;
    const capturedAtMs = systemClock.nowMs();
    underWay += 1;
    counts.offered += 1;
    const stamps = Array.from({ length: segmentFrames }, (_, index) => ({
      sequence: first + index,
      capturedAtMs,
      mediaTimeMs: first + index,
    }));
    const id = `camera${camera}-${runId}-${first}`;
    const facts = {
      id,
      cameraId: cameraId(`camera${camera}`),
      sceneId: sceneId('default'),
      stamps,
    };
    void queue.offer({ ...facts, hasContext: true, pixels }).finally(() => (underWay -= 1));
  };
  const startMs = performance.now();
  let isAsking = false;
  const onTime = () => {
    const perSecond = (cameras * fps) / segmentFrames;
    const due = ((performance.now() - startMs) / 1_000) * perSecond;
    while (next < due && underWay < MOST_OFFERS) offer(next++ % cameras);
    counts.late = Math.max(0, due - next);
  };
  const keepWaiting = async () => {
    if (isAsking) return;
    isAsking = true;
    const { frames } = await queue.depth();
    const missing = (setting.saturate ?? 0) - Math.round(frames / segmentFrames) - underWay;
    for (let more = 0; more < missing; more++) offer(next++ % cameras);
    isAsking = false;
  };
  const timer = setInterval(
    () => (setting.saturate === undefined ? onTime() : void keepWaiting()),
    TICK_MS,
  );
  return {
    counts: () => counts,
    end: async () => {
      clearInterval(timer);
      await queue.close();
    },
  };
};

/** A worker whose scorer sleeps as long as a real one would take. */
const worker = () => {
  const queue = openQueue();
  const counts = { scored: 0 };
  let last = Promise.resolve();
  const scoreOf = (/** @type {Segment} */ { id, cameraId, sceneId, stamps }) => ({
    kind: /** @type {const} */ ('scored'),
    score: {
      segmentId: id,
      ...{ cameraId, sceneId, stamps, side: MAP_SIDE },
      maps: new Float32Array(stamps.length * MAP_SIDE * MAP_SIDE),
      modelVersion: 'none',
      threshold: 1,
    },
  });
  const score = (/** @type {readonly Segment[]} */ segments) => {
    // One batch at a time, as a scoring process.
    last = last.then(async () => {
      const frames = segments.reduce((sum, { stamps }) => sum + stamps.length, 0);
      if (setting.serviceMs > 0) await systemClock.sleep(setting.serviceMs * frames);
      counts.scored += segments.length;
    });
    return last.then(() => segments.map(scoreOf));
  };
  const loop = new WorkerLoop({
    queue,
    scorer: { score },
    batching: () => ({ frames: setting.batchFrames, waitMs: 0 }),
    maxWaitMs: 0,
    clock: systemClock,
    logger: silentLogger,
  }).run(stop.signal);
  return {
    counts: () => counts,
    end: async () => {
      await queue.close();
      await loop;
    },
  };
};

/** Reads outcomes and acknowledges them a few at a time, as the gateway does. */
const gateway = () => {
  const counts = { scored: 0, dropped: 0, waitedMs: 0 };
  const outcomes = new RedisOutcomes({ link, clock: systemClock, logger: silentLogger });
  const token = randomBytes(4).toString('hex');
  const journal = new RedisJournal({ link, token, keptEvents: 1, clock: systemClock });
  /** @type {string[]} */
  let done = [];
  const commit = setInterval(() => {
    const entry = { states: new Map(), events: [], done, runCount: 0 };
    done = [];
    void journal.commit(entry);
  }, COMMIT_MS);
  const reading = outcomes.run(({ stamps }, { kind }, id) => {
    done.push(id);
    if (kind === 'dropped') counts.dropped += 1;
    else {
      counts.scored += 1;
      counts.waitedMs += systemClock.nowMs() - (stamps[0]?.capturedAtMs ?? 0);
    }
  }, stop.signal);
  return {
    counts: () => counts,
    end: async () => {
      clearInterval(commit);
      await reading;
    },
  };
};

await link.start();
const part = { ingest, worker, gateway }[setting.kind]();
process.on('message', (message) => {
  if (message === 'report') process.send?.({ ...part.counts(), cpuSeconds: cpuSeconds() });
  else {
    stop.abort(new Error('the simulation is over'));
    void part
      .end()
      .then(() => link.close())
      .then(() => process.exit(0));
  }
});
process.send?.('ready');
