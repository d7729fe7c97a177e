// What the gateway's /metrics say, read once a second: captured = scored + dropped + in flight at every scrape.
import { setTimeout as delay } from 'node:timers/promises';

const SCRAPE_MS = 1_000;
const SAMPLE =
  /^patchwatch_frames_(captured_total|scored_total|dropped_total|in_flight)\{camera="([^"]+)".*\} (\d+)$/gm;

export class Scrapes {
  count = 0;
  /**
   * Scrapes that did not add up, in words.
   *
   * @type {string[]}
   */
  violations = [];
  /** @type {string} */
  #url;
  #stop = new AbortController();
  #running = Promise.resolve();

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  start() {
    this.#running = this.#run();
  }

  async stop() {
    this.#stop.abort();
    await this.#running;
  }

  async #run() {
    while (!this.#stop.signal.aborted) {
      await this.#scrape().catch(() => undefined); // the gateway is away, as planned
      await delay(SCRAPE_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  async #scrape() {
    const response = await fetch(`${this.#url}/metrics`, { signal: AbortSignal.timeout(5_000) });
    /** @type {Map<string, number>} */
    const balances = new Map();
    for (const [, what, camera = '', value] of (await response.text()).matchAll(SAMPLE)) {
      const sign = what === 'captured_total' ? 1 : -1;
      balances.set(camera, (balances.get(camera) ?? 0) + sign * Number(value));
    }
    if (balances.size > 0) this.count += 1;
    for (const [camera, balance] of balances) {
      if (balance !== 0) this.violations.push(`/metrics: ${camera} is out by ${balance}`);
    }
  }
}
