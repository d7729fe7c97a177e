// `npm run chaos`: a real installation around Redis, and everything that can happen to it. Prints a table; exit code
// 1 when a frame is unaccounted for, an alert was lost or told twice, or something did not come back.
//   node tools/chaos/main.mjs [--json] [--only <text>]
import { parseArgs } from 'node:util';

import { killAll } from './children.mjs';
import { FAULTS } from './faults.mjs';
import { Stand } from './stand.mjs';
import { printTable } from './table.mjs';
import { alertFaults, untilRecovered } from './verdict.mjs';

const { values: flags } = parseArgs({
  options: { json: { type: 'boolean' }, only: { type: 'string' } },
});

/** @typedef {import('./ledger.mjs').Totals} Totals */

/**
 * What came of a fault.
 *
 * @typedef {object} Tried
 * @property {string} name
 * @property {number | undefined} faultSeconds
 * @property {number | undefined} recoverySeconds
 * @property {Omit<Totals, 'inFlight'>} frames
 * @property {number} alerts
 * @property {readonly string[]} problems
 */

/** @typedef {Tried | { name: string, skipped: string, problems: readonly string[] }} Row */

const say = (/** @type {string} */ text) => process.stderr.write(`chaos: ${text}\n`);

/**
 * @param {Totals} before
 * @param {Totals} after
 */
const difference = (before, after) => ({
  captured: after.captured - before.captured,
  scored: after.scored - before.scored,
  dropped: Object.fromEntries(
    Object.entries(after.dropped)
      .map(
        ([reason, count]) => /** @type {const} */ ([reason, count - (before.dropped[reason] ?? 0)]),
      )
      .filter(([, count]) => count > 0),
  ),
});

/**
 * @param {Stand} stand
 * @param {Set<string>} reported
 * @param {import('./faults.mjs').Fault} fault
 * @returns {Promise<Row>}
 */
const tryFault = async (stand, reported, { name, inject, skip }) => {
  if (skip !== undefined) return { name, skipped: skip, problems: [] };
  await stand.untilAlertOpen();
  const before = await stand.ledger.totals();
  const startMs = performance.now();
  /** @type {string[]} */
  const problems = [];
  let recoverySeconds;
  let faultSeconds;
  try {
    await inject(stand);
    faultSeconds = (performance.now() - startMs) / 1_000;
    recoverySeconds = await untilRecovered(stand);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    problems.push(text);
    say(`  ${text}`);
  }
  problems.push(...(await alertFaults(stand, reported)), ...stand.ledger.violations.splice(0, 5));
  problems.push(...stand.scrapes.violations.splice(0, 5), ...stand.witness.problems.splice(0, 5));
  const after = await stand.ledger.totals();
  const alerts = stand.client.messages.filter(({ alert }) => alert.phase === 'open').length;
  const frames = difference(before, after);
  return { name, faultSeconds, recoverySeconds, frames, alerts, problems };
};

const run = async () => {
  const faults = FAULTS.filter(({ name }) => flags.only === undefined || name.includes(flags.only));
  const stand = new Stand();
  /** @type {Row[]} */
  const rows = [];
  /**
   * What is wrong stays wrong: it is told of the fault that it came with.
   *
   * @type {Set<string>}
   */
  const reported = new Set();
  try {
    say('starting Redis, ingest, two workers, a gateway, a client');
    await stand.start();
    for (const fault of faults) {
      say(fault.name);
      const row = await tryFault(stand, reported, fault);
      rows.push(row);
      for (const problem of row.problems) say(`  ${problem}`);
    }
  } finally {
    if (rows.length < faults.length || rows.some(({ problems }) => problems.length > 0)) {
      say(`logs are in ${stand.folder}`);
      stand.keepsFolder = true;
    }
    await stand.stop();
    await killAll();
  }
  const samples = { ledger: stand.ledger.sampleCount, metrics: stand.scrapes.count };
  if (flags.json === true)
    process.stdout.write(`${JSON.stringify({ samples, rows }, undefined, 2)}\n`);
  else printTable(rows, samples);
  return rows.every(({ problems }) => problems.length === 0) ? 0 : 1;
};

process.exitCode = await run();
