// The roles of an installation on Redis: each a process with the daemon's own queue.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { OutcomeDesk } from '../../dist/app/outcome-desk.js';
import { systemClock } from '../../dist/app/system-clock.js';
import { silentLogger } from '../../dist/core/ports/logger.js';
import { BullmqFrameQueue } from '../../dist/queue/bullmq-queue.js';
import { RedisJournal } from '../../dist/queue/redis-journal.js';
import { RedisLink } from '../../dist/queue/redis-link.js';
import { RedisOutcomes } from '../../dist/queue/redis-outcomes.js';
import { AlertLog, KEPT_ALERT_MESSAGES } from '../../dist/server/alert-log.js';
import { PromMeter } from '../../dist/telemetry/prom-meter.js';
import { makeReaders } from './readers.mjs';
import { startScoring } from './scoring.mjs';
import { Segments } from './segments.mjs';
import { CAMERAS } from './setting.mjs';

/** @typedef {import('./setting.mjs').PartSetting} PartSetting */
/** @typedef {import('./setting.mjs').Part} Part */
/** @typedef {{ readonly link: RedisLink, readonly meter: PromMeter }} Connected */

const MAX_FRAMES = 64;
const MAX_AGE_MS = 60_000;
const LOCK_MS = 30_000;
/** Kept waiting: takers find enough, and the queue drops nothing. */
const WAITING = 32;
const POLL_MS = 2;

const openQueue = (/** @type {Connected} */ { link, meter }) =>
  new BullmqFrameQueue({
    link,
    maxFramesPerCamera: MAX_FRAMES,
    maxFrames: MAX_FRAMES * CAMERAS.length,
    maxFrameAgeMs: MAX_AGE_MS,
    lockMs: LOCK_MS,
    clock: systemClock,
    logger: silentLogger,
    meter,
  });

const ingest = (/** @type {Connected} */ connected) => {
  const queue = openQueue(connected);
  const segments = new Segments();
  const counts = { segments: 0, dropped: 0 };
  const waiting = async () => (await queue.depth()).frames;
  return {
    load: async (/** @type {number} */ milliseconds) => {
      const endMs = performance.now() + milliseconds;
      while (performance.now() < endMs) {
        const missing = WAITING - (await waiting());
        const offers = Array.from({ length: Math.max(0, missing) }, () =>
          queue.offer(segments.next()),
        );
        counts.segments += offers.length;
        await Promise.all(offers);
        if (offers.length === 0) await delay(POLL_MS);
      }
      while ((await waiting()) > 0) await delay(POLL_MS);
    },
    counts: () => counts,
    end: () => queue.close(),
  };
};

const worker = (/** @type {Connected} */ connected) =>
  startScoring(openQueue(connected), connected.meter);

/** Hears outcomes, reads them into alerts and commits both, as the gateway does; nobody is served. */
const gateway = async (/** @type {Connected} */ { link }) => {
  const stop = new AbortController();
  const counts = { segments: 0, dropped: 0 };
  const common = { link, clock: systemClock, logger: silentLogger };
  const alerts = AlertLog.ofThisRun(systemClock.nowMs());
  const journal = new RedisJournal({
    ...common,
    token: randomBytes(4).toString('hex'),
    keptAlerts: KEPT_ALERT_MESSAGES,
  });
  const readers = makeReaders((alert) => {
    desk.alert(alert);
  });
  const desk = new OutcomeDesk({
    cameras: CAMERAS,
    gateway: {
      read: (score) => readers.get(score.cameraId)?.read(score),
      stateOf: (camera) => readers.get(camera)?.state,
      resume: (camera, state) => readers.get(camera)?.resume(state),
      announce: (alert) => void alerts.append(alert),
    },
    alerts,
    journal,
    maxFrames: MAX_FRAMES,
    maxWaitMs: MAX_AGE_MS,
    onReplaced: () => undefined,
    clock: systemClock,
    logger: silentLogger,
  });
  await journal.own(stop.signal, () => undefined);
  await desk.restore();
  const running = Promise.all([
    desk.run(stop.signal),
    new RedisOutcomes(common).run((segment, outcome, id) => {
      counts.segments += 1;
      if (outcome.kind === 'dropped') counts.dropped += 1;
      desk.tell(segment, outcome, id);
    }, stop.signal),
  ]);
  return {
    counts: () => counts,
    end: async () => {
      stop.abort(new Error('the soak is over'));
      await running;
      await journal.release();
    },
  };
};

const MAKERS = { ingest, worker, gateway };

/**
 * @param {PartSetting} setting
 * @returns {Promise<Part>}
 */
export const redisPart = async ({ role, redisUrl }) => {
  if (role === 'all-in-one') throw new Error('all-in-one needs no Redis');
  const meter = new PromMeter();
  const link = new RedisLink({
    settings: {
      endpoint: { kind: 'single', url: redisUrl },
      username: undefined,
      password: undefined,
      tls: undefined,
      namespace: 'soak',
    },
    logger: silentLogger,
    meter,
  });
  await link.start();
  /** @type {Part} */
  const part = await MAKERS[role]({ link, meter });
  return {
    ...part,
    end: async () => {
      await part.end();
      await link.close();
    },
  };
};
