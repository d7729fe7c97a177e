// The result for people.

/** @typedef {import('./main.mjs').Row} Row */

const seconds = (/** @type {number | undefined} */ value) =>
  value === undefined ? '-' : `${value.toFixed(1)} s`;

const droppedText = (/** @type {Readonly<Record<string, number>>} */ dropped) => {
  const reasons = Object.entries(dropped);
  if (reasons.length === 0) return '0';
  return reasons.map(([reason, count]) => `${count} ${reason}`).join(', ');
};

const HEADER = ['fault', 'lasted', 'recovered after', 'captured', 'dropped', 'alerts so far', ''];

/**
 * @param {Row} row
 * @returns {readonly string[]}
 */
const cells = (row) => {
  if ('skipped' in row) return [row.name, '-', '-', '-', '-', '-', `SKIPPED: ${row.skipped}`];
  const { name, faultSeconds, recoverySeconds, frames, alerts, problems } = row;
  return [
    name,
    seconds(faultSeconds),
    seconds(recoverySeconds),
    String(frames.captured),
    droppedText(frames.dropped),
    String(alerts),
    problems.length === 0 ? 'ok' : `FAILED: ${problems.length}`,
  ];
};

/**
 * @param {readonly Row[]} rows
 * @param {{ readonly ledger: number, readonly metrics: number }} samples
 */
export const printTable = (rows, samples) => {
  const lines = [HEADER, ...rows.map(cells)];
  const widths = HEADER.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  for (const line of lines) {
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
  console.log(
    `\nThe accounts were read ${samples.ledger} times in Redis and ${samples.metrics} times at the gateway, and added up each time unless it says otherwise; ` +
      'every alert that a reader in peace finds in the scores came once.',
  );
};
