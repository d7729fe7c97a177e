// The accounts of all processes, read in one step again and again: at every instant, captured = scored + dropped +
// waiting + leased.
import { setTimeout as delay } from 'node:timers/promises';

import { silentLogger } from '../../dist/core/ports/logger.js';
import { silentMeter } from '../../dist/core/ports/meter.js';
import { RedisLedger } from '../../dist/redis/redis-ledger.js';
import { RedisLink } from '../../dist/redis/redis-link.js';
import { waitUntil } from '../support/wait-until.mjs';

const SAMPLE_MS = 50;

/** @typedef {import('../../dist/redis/redis-ledger.js').CameraAccount} CameraAccount */

/**
 * Frames of all cameras.
 *
 * @typedef {object} Totals
 * @property {number} captured
 * @property {number} scored
 * @property {Record<string, number>} dropped by reason
 * @property {number} inFlight
 */

const sum = (/** @type {CameraAccount['dropped']} */ counts) =>
  Object.values(counts).reduce((total, count) => total + count, 0);

export class Ledger {
  sampleCount = 0;
  /**
   * Samples that did not add up, in words.
   *
   * @type {string[]}
   */
  violations = [];
  #link;
  #ledger;
  #isStopped = false;
  #sampling = Promise.resolve();

  /** @param {import('../../dist/redis/redis-settings.js').RedisSettings} settings */
  constructor(settings) {
    this.#link = new RedisLink({
      settings,
      logger: silentLogger,
      meter: silentMeter,
    });
    this.#ledger = new RedisLedger({ link: this.#link });
  }

  async start() {
    await this.#link.start();
    this.#sampling = this.#sample();
  }

  async stop() {
    this.#isStopped = true;
    await this.#sampling;
    await this.#link.close();
  }

  /** @returns {Promise<Totals>} */
  async totals() {
    const accounts = [...(await this.#read()).values()];
    const of = (/** @type {'captured' | 'scored' | 'waiting' | 'leased'} */ field) =>
      accounts.reduce((total, account) => total + account[field], 0);
    /** @type {Record<string, number>} */
    const dropped = {};
    for (const account of accounts) {
      for (const [reason, count] of Object.entries(account.dropped)) {
        dropped[reason] = (dropped[reason] ?? 0) + count;
      }
    }
    const inFlight = of('waiting') + of('leased');
    return { captured: of('captured'), scored: of('scored'), dropped, inFlight };
  }

  async leased() {
    return [...(await this.#read()).values()].reduce((total, { leased }) => total + leased, 0);
  }

  async scoredByCamera() {
    return new Map([...(await this.#read())].map(([camera, { scored }]) => [camera, scored]));
  }

  /** Waits while Redis is away. */
  async #read() {
    /** @type {ReadonlyMap<string, CameraAccount>} */
    let accounts = new Map();
    const isRead = () =>
      this.#ledger.read().then(
        (value) => {
          accounts = value;
          return true;
        },
        () => false,
      );
    await waitUntil(isRead, 30_000, 'an answer of Redis');
    return accounts;
  }

  async #sample() {
    while (!this.#isStopped) {
      /** @type {ReadonlyMap<string, CameraAccount>} */
      const accounts = await this.#ledger.read().catch(() => new Map()); // Redis is away, as planned
      for (const [camera, account] of accounts) this.#check(camera, account);
      await delay(SAMPLE_MS);
    }
  }

  /**
   * @param {string} camera
   * @param {CameraAccount} account
   */
  #check(camera, { captured, scored, dropped, waiting, leased }) {
    this.sampleCount += 1;
    const accounted = scored + sum(dropped) + waiting + leased;
    if (captured === accounted && waiting >= 0 && leased >= 0) return;
    this.violations.push(`${camera}: captured ${captured}, accounted for ${accounted}`);
  }
}
