// What a fault did: whether all frames are accounted for, whether the client heard every alert once, how long it
// took until everything worked again.
import { waitUntil } from '../support/wait-until.mjs';

/** @typedef {import('./stand.mjs').Stand} Stand */

const RECOVERY_MS = 60_000;
const SETTLE_MS = 30_000;
/** Frames of a camera beyond its usual few that may still be under way. */
const CALM_FRAMES = 20;

/**
 * Resolves with the seconds from now until every camera is scored again, nothing piles up and the gateway is ready.
 *
 * @param {Stand} stand
 */
export const untilRecovered = async (stand) => {
  const startMs = performance.now();
  const before = await stand.ledger.scoredByCamera();
  const isWorking = async () => {
    const scored = await stand.ledger.scoredByCamera();
    const { inFlight } = await stand.ledger.totals();
    const isScored = stand.cameras.every(
      (camera) => (scored.get(camera) ?? 0) >= (before.get(camera) ?? 0) + 5,
    );
    return isScored && inFlight <= CALM_FRAMES * stand.cameras.length && (await stand.isReady());
  };
  await waitUntil(() => isWorking().catch(() => false), RECOVERY_MS, 'everything to work again');
  return (performance.now() - startMs) / 1_000;
};

const counts = (/** @type {readonly string[]} */ values) => {
  /** @type {Map<string, number>} */
  const byValue = new Map();
  for (const value of values) byValue.set(value, (byValue.get(value) ?? 0) + 1);
  return byValue;
};

/**
 * What is wrong with the alerts of a camera, in words.
 *
 * @param {string} camera
 * @param {{ readonly told: readonly string[], readonly expected: readonly string[] }} alerts
 */
const faultsOf = (camera, { told, expected }) => {
  const toldCounts = counts(told);
  const wanted = counts(expected);
  /** @type {string[]} */
  const found = [];
  for (const [alert, count] of toldCounts) {
    if (count > 1) found.push(`${camera}: "${alert}" came ${count} times`);
    if (!wanted.has(alert)) found.push(`${camera}: "${alert}" should not have come`);
  }
  for (const alert of wanted.keys()) {
    if (!toldCounts.has(alert)) found.push(`${camera}: "${alert}" never came`);
  }
  if (found.length === 0 && told.join() !== expected.join()) found.push(`${camera}: out of order`);
  return found;
};

/**
 * All that is newly wrong; what is on its way is waited for.
 *
 * @param {Stand} stand
 * @param {Set<string>} reported
 */
export const alertFaults = async (stand, reported) => {
  const find = () =>
    stand.cameras
      .flatMap((camera) => faultsOf(camera, stand.alerts(camera)))
      .filter((problem) => !reported.has(problem));
  await waitUntil(() => find().length === 0, SETTLE_MS, 'alerts').catch(() => undefined);
  const found = find();
  for (const problem of found) reported.add(problem);
  return found;
};
