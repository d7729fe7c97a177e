// Loads an installation again and again, and looks at what its processes hold each time that nothing is under way.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import { RedisServer } from '../support/redis-server.mjs';
import { waitUntil } from '../support/wait-until.mjs';
import { PartProcess } from './part-process.mjs';

/** @typedef {import('./slope.mjs').Sample} Sample */
/** @typedef {'heap' | 'external' | 'handles' | 'disk' | 'keys' | 'memory'} Measure */
/** @typedef {'all-in-one' | 'ingest' | 'worker' | 'gateway' | 'redis'} Who */

/**
 * @typedef {object} Series
 * @property {Who} who
 * @property {Measure} measure
 * @property {Sample[]} samples
 */

/** @typedef {{ readonly series: readonly Series[], readonly segments: number, readonly dropped: number }} Run */

const ROUNDS = 24;
/** Code is compiled, tables grow to their size, what is bounded fills up: not growth yet. */
const WARM_UP_ROUNDS = 12;
/** Everything has ended by then, on the slowest machine. */
const SETTLE_MS = 120_000;

class Sampler {
  /** @type {Map<string, Series>} */
  #series = new Map();

  get series() {
    return [...this.#series.values()];
  }

  /**
   * @param {Who} who
   * @param {number} segments
   * @param {Readonly<Record<string, number>>} figures
   */
  take(who, segments, figures) {
    for (const [name, value] of Object.entries(figures)) {
      const measure = /** @type {Measure} */ (name);
      const series = this.#series.get(`${who} ${name}`) ?? { who, measure, samples: [] };
      this.#series.set(`${who} ${name}`, series);
      series.samples.push({ segments, value });
    }
  }
}

/** @param {(round: number, isMeasured: boolean) => Promise<void>} run */
const inRounds = async (run) => {
  for (let round = 0; round < ROUNDS; round++) await run(round, round >= WARM_UP_ROUNDS);
};

const folderBytes = async (/** @type {string} */ folder) => {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
};

/**
 * @param {number} segments
 * @returns {Promise<Run>}
 */
export const runAllInOne = async (segments) => {
  const folder = await mkdtemp(join(tmpdir(), 'patchwatch-soak-'));
  const part = await PartProcess.start({ role: 'all-in-one', redisUrl: '', folder });
  const sampler = new Sampler();
  let counts = { segments: 0, dropped: 0 };
  try {
    await inRounds(async (_round, isMeasured) => {
      const told = await part.ask({ ask: 'load', amount: Math.ceil(segments / ROUNDS) });
      counts = { segments: told.segments ?? 0, dropped: told.dropped ?? 0 };
      if (!isMeasured) return;
      const figures = await part.ask({ ask: 'usage' });
      sampler.take('all-in-one', counts.segments, { ...figures, disk: await folderBytes(folder) });
    });
    await part.stop();
    return { series: sampler.series, ...counts };
  } finally {
    part.kill();
    await rm(folder, { recursive: true, force: true });
  }
};

const redisFigures = async (/** @type {Redis} */ client) => ({
  keys: await client.dbsize(),
  memory: Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1]),
});

/**
 * @param {number} minutes
 * @returns {Promise<Run>}
 */
export const runRedisRoles = async (minutes) => {
  const server = await RedisServer.start();
  const client = new Redis(server.url);
  /** @type {Map<Who, PartProcess>} */
  const parts = new Map();
  const ask = (
    /** @type {Who} */ who,
    /** @type {import('./setting.mjs').Question} */ question,
  ) => {
    const part = parts.get(who);
    if (part === undefined) throw new Error(`${who} was not started`);
    return part.ask(question);
  };
  try {
    for (const role of /** @type {const} */ (['gateway', 'worker', 'ingest']))
      parts.set(role, await PartProcess.start({ role, redisUrl: server.url, folder: '' }));
    const sampler = new Sampler();
    let counts = { segments: 0, dropped: 0 };
    await inRounds(async (_round, isMeasured) => {
      const offered = await ask('ingest', { ask: 'load', amount: (60_000 * minutes) / ROUNDS });
      const isAllTold = async () => {
        const told = await ask('gateway', { ask: 'counts' });
        counts = { segments: told.segments ?? 0, dropped: told.dropped ?? 0 };
        return counts.segments === offered.segments;
      };
      await waitUntil(isAllTold, SETTLE_MS, 'every outcome to be told');
      if (!isMeasured) return;
      for (const who of parts.keys())
        sampler.take(who, counts.segments, await ask(who, { ask: 'usage' }));
      sampler.take('redis', counts.segments, await redisFigures(client));
    });
    for (const who of /** @type {const} */ (['ingest', 'worker', 'gateway']))
      await parts.get(who)?.stop();
    return { series: sampler.series, ...counts };
  } finally {
    for (const part of parts.values()) part.kill();
    client.disconnect();
    await server[Symbol.asyncDispose]();
  }
};
