// What is done to the installation, one after the other. Each begins while an alert is open, and resolves when the
// fault is over: from then on the time to recover is counted.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { FAKETIME } from './stand.mjs';
import { waitUntil } from '../support/wait-until.mjs';

/** @typedef {import('./stand.mjs').Stand} Stand */
/** @typedef {import('./stand.mjs').Role} Role */

/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {(stand: Stand) => Promise<void>} inject
 * @property {string | undefined} [skip] why it can't be shown here
 */

const OUTAGE_MS = 4_000;
const HANG_MS = 6_000;
const HOUR_S = 3_600;
const MINUTE_MS = 60_000;
const HANGING_GATEWAY = join(import.meta.dirname, 'hanging-gateway.mjs');

/**
 * The scoring process is halted first, so that the worker certainly dies over segments that it holds.
 *
 * @param {Stand} stand
 */
const killWorker = async (stand) => {
  process.kill(stand.scorerPid('worker-1'), 'SIGSTOP');
  await waitUntil(async () => (await stand.ledger.leased()) > 0, 10_000, 'a lease');
  await delay(500);
  const scorer = stand.scorerPid('worker-1');
  await stand.kill9('worker-1');
  process.kill(scorer, 'SIGKILL');
  await stand.startRole('worker', 'worker-1');
};

/** @type {(role: Role) => Fault['inject']} */
const killRole = (role) => async (stand) => {
  await stand.kill9(role);
  await stand.startRole(role);
};

/** @param {Stand} stand */
const stopRedis = async (stand) => {
  await stand.redis.server.stop();
  await delay(OUTAGE_MS);
  await stand.redis.server.start();
};

/** @param {Stand} stand */
const fillRedis = async (stand) => {
  await stand.redis.client.config('SET', 'maxmemory', await stand.redis.usedMemory());
  await waitUntil(() => stand.redis.isFull(), 1_000, 'a Redis that refuses');
  await delay(OUTAGE_MS);
  await stand.redis.client.config('SET', 'maxmemory', 0);
};

/** @param {Stand} stand */
const cutNetwork = async (stand) => {
  stand.network.cut();
  await delay(OUTAGE_MS);
  stand.network.mend();
};

/** @param {Stand} stand */
const hangWorker = async (stand) => {
  stand.child('worker-1').kill('SIGSTOP');
  await delay(HANG_MS);
  stand.child('worker-1').kill('SIGCONT');
};

/** @param {Stand} stand */
const jumpClock = async (stand) => {
  if (FAKETIME === undefined) return;
  const file = join(stand.folder, 'clock');
  const set = (/** @type {number} */ seconds) =>
    writeFile(file, seconds < 0 ? String(seconds) : `+${seconds}`);
  await set(0);
  await stand.endRole('ingest');
  await stand.startRole('ingest', 'ingest', {
    LD_PRELOAD: FAKETIME,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  });
  await stand.untilAlertOpen();
  for (const seconds of [HOUR_S, -HOUR_S, 0]) {
    await set(seconds);
    await waitUntil(
      () => Math.abs(stand.witness.lastCapturedAtMs - Date.now() - seconds * 1_000) < 60_000,
      20_000,
      'frames with the other time',
    );
    await delay(OUTAGE_MS);
  }
};

/** Nobody else is told later, or less: the hanging one keeps its page for the whole minute. */
const hangConsumer = async (/** @type {Stand} */ stand) => {
  await stand.endRole('gateway');
  await stand.startRole('gateway', 'gateway', {}, HANGING_GATEWAY);
  await stand.child('gateway').says(/"message":"a consumer hangs"/);
  await delay(MINUTE_MS);
  await stand.endRole('gateway');
  await stand.startRole('gateway');
};

/** @type {readonly Fault[]} */
export const FAULTS = [
  {
    name: 'nothing',
    inject: async () => {
      await delay(OUTAGE_MS);
    },
  },
  { name: 'kill -9 of a worker in mid-batch', inject: killWorker },
  { name: 'kill -9 of the gateway', inject: killRole('gateway') },
  { name: 'kill -9 of ingest', inject: killRole('ingest') },
  { name: 'Redis stopped and started', inject: stopRedis },
  { name: 'Redis out of memory', inject: fillRedis },
  { name: 'network to Redis cut', inject: cutNetwork },
  { name: 'worker hangs', inject: hangWorker },
  { name: 'consumer of events hangs for a minute', inject: hangConsumer },
  {
    name: 'clock of ingest set by an hour, twice',
    inject: jumpClock,
    skip: FAKETIME === undefined ? 'needs libfaketime (Debian: libfaketime)' : undefined,
  },
];
