// The accelerated soak: what a daemon holds after millions of segments. Nothing is looked at and nothing waits for
// cameras, so that hours of a busy installation take minutes; whatever is kept for each segment shows as a slope.
import { parseArgs } from 'node:util';

import { runAllInOne, runRedisRoles } from './rounds.mjs';
import { ROLES } from './setting.mjs';
import { slopeOf } from './slope.mjs';

/** @typedef {import('./rounds.mjs').Run} Run */
/** @typedef {import('./rounds.mjs').Measure} Measure */

/**
 * A growth per million segments that nobody will ever notice: at 65 segments a second these are 20 MB, or 1,700 keys
 * and handles, a month.
 *
 * @type {Readonly<Record<Measure, { readonly tolerated: number, readonly unit: 'bytes' | 'count', readonly grain?: number }>>}
 */
const MEASURES = {
  heap: { tolerated: 120_000, unit: 'bytes' },
  external: { tolerated: 120_000, unit: 'bytes' },
  handles: { tolerated: 10, unit: 'count' },
  // Files go as a whole, when the one after them is full.
  disk: { tolerated: 120_000, unit: 'bytes', grain: 4 * 1024 ** 2 },
  keys: { tolerated: 10, unit: 'count' },
  memory: { tolerated: 120_000, unit: 'bytes' },
};

const say = (/** @type {string} */ text) => process.stderr.write(`soak: ${text}\n`);

const usageError = (/** @type {string} */ text) => {
  say(text);
  process.exit(64);
};

const readFlags = () => {
  try {
    return parseArgs({
      options: {
        accelerated: { type: 'boolean' },
        segments: { type: 'string', default: '5000000' },
        minutes: { type: 'string', default: '5' },
        only: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return usageError(error instanceof Error ? error.message : String(error));
  }
};

/**
 * @param {string} name
 * @param {string} text
 */
const positive = (name, text) => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  return usageError(`--${name} ${text}: expected a number above 0`);
};

/** @param {Run} run */
const rowsOf = ({ series }) =>
  series.map(({ who, measure, samples }) => {
    const { tolerated, unit, grain = 0 } = MEASURES[measure];
    const { slope, noise } = slopeOf(samples, grain);
    const last = samples.at(-1)?.value ?? 0;
    const isGrowing = slope - noise > tolerated;
    return { who, measure, unit, last, slope, noise, isGrowing, samples };
  });

/** @typedef {ReturnType<typeof rowsOf>[number]} Row */

/**
 * @param {Row['unit']} unit
 * @param {number} value
 */
const text = (unit, value) =>
  unit === 'bytes' ? `${(value / 1e6).toFixed(3)} MB` : value.toFixed(1);

/** @param {readonly Row[]} rows */
const print = (rows) => {
  console.log(
    `${'process'.padEnd(12)}${'of'.padEnd(10)}${'at the end'.padStart(14)}${'growth per million segments'.padStart(38)}`,
  );
  for (const { who, measure, unit, last, slope, noise, isGrowing } of rows) {
    const growth = `${text(unit, slope)} ± ${text(unit, noise)}`;
    console.log(
      `${who.padEnd(12)}${measure.padEnd(10)}${text(unit, last).padStart(14)}${growth.padStart(38)}${isGrowing ? '  GROWS' : ''}`,
    );
  }
};

export const runAccelerated = async () => {
  const flags = readFlags();
  const segments = positive('segments', flags.segments);
  const minutes = positive('minutes', flags.minutes);
  const { only } = flags;
  if (only !== undefined && only !== 'redis' && !ROLES.some((role) => role === only))
    usageError(`--only ${only}: expected one of ${[...ROLES, 'redis'].join(', ')}`);
  /** @type {Run[]} */
  const runs = [];
  const note = (/** @type {Run} */ run) => {
    runs.push(run);
    say(`${run.segments} segments, of which ${run.dropped} were dropped`);
  };
  if (only === undefined || only === 'all-in-one') note(await runAllInOne(segments));
  if (only !== 'all-in-one') note(await runRedisRoles(minutes));
  const rows = runs
    .flatMap(rowsOf)
    .filter(({ who }) => only === undefined || only === 'redis' || who === only || who === 'redis');
  if (flags.json) {
    const counts = runs.map((run) => ({ segments: run.segments, dropped: run.dropped }));
    console.log(JSON.stringify({ runs: counts, rows }, undefined, 2));
  } else print(rows);
  const growing = rows.filter(({ isGrowing }) => isGrowing);
  for (const { who, measure } of growing) say(`${who}: ${measure} grows with every segment`);
  process.exitCode = growing.length === 0 ? 0 : 1;
};
