// A real Prometheus on a free port of loopback, with given targets and rules.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Child } from '../chaos/children.mjs';
import { freePort } from '../support/free-port.mjs';
import { waitUntil } from '../support/wait-until.mjs';

/**
 * What is used of Prometheus's answers.
 *
 * @typedef {{ alerts: { state: string, labels: { alertname: string } }[] }} Alerts
 * @typedef {{ activeTargets: { health: string }[] }} Targets
 * @typedef {{ groups: { rules: { health: string, name: string }[] }[] }} Rules
 */

export class Prometheus {
  #options;
  /** @type {Child | undefined} */
  #child;
  #url = '';

  /** @param {{ folder: string, targets: Record<string, number>, rules: string }} options */
  constructor(options) {
    this.#options = options;
  }

  async start() {
    const { folder, targets, rules } = this.#options;
    const home = await mkdtemp(join(folder, 'prometheus-'));
    await writeFile(join(home, 'alerts.rules.yml'), rules);
    const addresses = Object.values(targets).map((port) => `'127.0.0.1:${port}'`);
    await writeFile(
      join(home, 'prometheus.yml'),
      `global: { scrape_interval: 2s, evaluation_interval: 2s }
rule_files: [alerts.rules.yml]
scrape_configs:
  - job_name: patchwatch
    static_configs: [{ targets: [${addresses.join(', ')}] }]
`,
    );
    const port = await freePort();
    this.#url = `http://127.0.0.1:${port}/api/v1`;
    this.#child = new Child({
      name: 'prometheus',
      command: 'prometheus',
      args: [
        `--config.file=${join(home, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(home, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      cwd: home,
    });
    const count = addresses.length;
    await waitUntil(
      async () => (await this.health().catch(() => undefined))?.scraped === count,
      30_000,
      'Prometheus to scrape all',
    );
  }

  async stop() {
    await this.#child?.end('SIGTERM');
  }

  /** Names of the alerts that fire. */
  async firing() {
    const { alerts } = /** @type {Alerts} */ (await this.#ask('alerts'));
    const firing = alerts.filter(({ state }) => state === 'firing');
    return [...new Set(firing.map(({ labels }) => labels.alertname))];
  }

  async health() {
    const { activeTargets } = /** @type {Targets} */ (await this.#ask('targets'));
    const { groups } = /** @type {Rules} */ (await this.#ask('rules'));
    const rules = groups.flatMap((group) => group.rules);
    return {
      scraped: activeTargets.filter(({ health }) => health === 'up').length,
      rules: rules.filter(({ health }) => health === 'ok').length,
      failing: rules.filter(({ health }) => health === 'err').map(({ name }) => ` ${name} failing`),
    };
  }

  /**
   * @param {string} what
   * @returns {Promise<unknown>}
   */
  async #ask(what) {
    const reply = await fetch(`${this.#url}/${what}`);
    /** @type {unknown} */
    const answer = await reply.json();
    return /** @type {{ data: unknown }} */ (answer).data;
  }
}
