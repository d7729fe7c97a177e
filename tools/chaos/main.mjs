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

const say = (text) => process.stderr.write(`chaos: ${text}\n`);

const difference = (before, after) => ({
  captured: after.captured - before.captured,
  scored: after.scored - before.scored,
  dropped: Object.fromEntries(
    Object.entries(after.dropped)
      .map(([reason, count]) => [reason, count - (before.dropped[reason] ?? 0)])
      .filter(([, count]) => count > 0),
  ),
});

const tryFault = async (stand, reported, { name, inject, skip }) => {
  if (skip !== undefined) return { name, skipped: skip, problems: [] };
  await stand.untilAlertOpen();
  const before = await stand.ledger.totals();
  const startMs = performance.now();
  const problems = [];
  let recoverySeconds;
  let faultSeconds;
  try {
    await inject(stand);
    faultSeconds = (performance.now() - startMs) / 1_000;
    recoverySeconds = await untilRecovered(stand);
  } catch (error) {
    problems.push(error.message);
    say(`  ${error.message}`);
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
  const rows = [];
  /** What is wrong stays wrong: it is told of the fault that it came with. */
  const reported = new Set();
  try {
    say('starting Redis, ingest, two workers, a gateway, a client');
    await stand.start();
    for (const fault of faults) {
      say(fault.name);
      rows.push(await tryFault(stand, reported, fault));
      for (const problem of rows.at(-1).problems) say(`  ${problem}`);
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
  if (flags.json) process.stdout.write(`${JSON.stringify({ samples, rows }, undefined, 2)}\n`);
  else printTable(rows, samples);
  return rows.every(({ problems }) => problems.length === 0) ? 0 : 1;
};

process.exitCode = await run();
