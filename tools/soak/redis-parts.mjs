// The roles of an installation on Redis: each a process with the daemon's own queue.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { systemClock } from '../../dist/process/system-clock.js';
import { silentLogger } from '../../dist/core/ports/logger.js';
import { BullmqFrameQueue } from '../../dist/queue/bullmq-queue.js';
import { KEPT_EVENTS } from '../../dist/events/event-tail.js';
import { RedisEventLog } from '../../dist/events/redis-event-log.js';
import { RedisJournal } from '../../dist/redis/redis-journal.js';
import { RedisLink } from '../../dist/redis/redis-link.js';
import { RedisOutcomes } from '../../dist/redis/redis-outcomes.js';
import { PromMeter } from '../../dist/telemetry/prom-meter.js';
import { startScoring } from './scoring.mjs';
import { Segments } from './segments.mjs';
import { startTelling } from './telling.mjs';
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

/** Hears outcomes, reads them into alerts and puts both into the log, as the gateway does; nobody is served. */
const gateway = async (/** @type {Connected} */ { link, meter }) => {
  const stop = new AbortController();
  const counts = { segments: 0, dropped: 0 };
  const common = { link, clock: systemClock, logger: silentLogger };
  const token = randomBytes(4).toString('hex');
  const journal = new RedisJournal({ ...common, token, keptEvents: KEPT_EVENTS });
  await journal.own(stop.signal, () => undefined);
  const log = new RedisEventLog({ journal, clock: systemClock });
  await log.open();
  const { line } = await startTelling(log, meter);
  const running = new RedisOutcomes(common).run((segment, outcome, id) => {
    counts.segments += 1;
    if (outcome.kind === 'dropped') counts.dropped += 1;
    line.tell(segment, outcome, id);
  }, stop.signal);
  return {
    counts: () => counts,
    end: async () => {
      stop.abort(new Error('the soak is over'));
      await running;
      await line.stop();
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
