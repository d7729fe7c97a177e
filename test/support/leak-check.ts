// What a test file leaves behind: open handles, processes, listeners of the process, files of ours in the temporary
// folder. Taken before and after, by names, so that whoever leaves something is told what.
import { readFileSync, readdirSync } from 'node:fs';

import { waitUntil } from './wait-until.ts';

/** Of names of files and folders that are ours. */
const OWN_PREFIX = 'patchwatch-';

/** Handles that come and go with the runner, or are kept by design: they say nothing of the test. */
const IGNORED_RESOURCES: ReadonlyMap<string, string> = new Map([
  ['FSReqPromise', 'a read that the runner has under way: coverage, source maps'],
  ['FSReqCallback', 'as above'],
  ['Immediate', 'ends within the turn'],
  ['TTYWrap', 'the terminal itself'],
]);

/** Listeners that packages set once and keep as long as the process lives. */
const IGNORED_EVENTS: ReadonlyMap<string, string> = new Map([
  ['exit', 'packages that flush or clean up at the end: pino, playwright'],
  ['newListener', 'the runner watches who listens'],
  ['removeListener', 'as above'],
]);

export interface Held {
  /** Open handles, as often as there are such. */
  readonly resources: readonly string[];
  /** Descendants that run: process id and command line. */
  readonly processes: readonly string[];
  /** Events of the process, as often as somebody listens. */
  readonly listeners: readonly string[];
  /** In the temporary folder. */
  readonly files: readonly string[];
}

export const heldNow = (temporaryFolder: string): Held => ({
  resources: process.getActiveResourcesInfo().filter((name) => !IGNORED_RESOURCES.has(name)),
  processes: descendants(temporaryFolder),
  listeners: process
    .eventNames()
    .map(String)
    .filter((name) => !IGNORED_EVENTS.has(name))
    .flatMap((name) => Array.from({ length: process.listenerCount(name) }, () => name)),
  files: readdirSync(temporaryFolder).filter((name) => name.startsWith(OWN_PREFIX)),
});

/** What there is now and was not before, in words. */
export const leaksSince = (before: Held, after: Held): readonly string[] => [
  ...added(before.resources, after.resources).map((name) => `open handle: ${name}`),
  ...added(before.processes, after.processes).map((name) => `process: ${name}`),
  ...added(before.listeners, after.listeners).map((name) => `listener of process: ${name}`),
  ...added(before.files, after.files).map((name) => `temporary file: ${name}`),
];

/**
 * Sockets and children take a moment to close after they were told to.
 *
 * @throws Error naming what is left after that
 */
export const expectNoLeaks = async (
  before: Held,
  temporaryFolder: string,
  graceMs: number,
): Promise<void> => {
  let leaks: readonly string[] = [];
  await waitUntil(
    () => {
      leaks = leaksSince(before, heldNow(temporaryFolder));
      return leaks.length === 0;
    },
    graceMs,
    'everything to close',
  ).catch(() => undefined);
  if (leaks.length > 0) throw new Error(`left behind:\n  ${leaks.join('\n  ')}`);
};

/** Each as often as it is in `after` beyond `before`. */
const added = (before: readonly string[], after: readonly string[]): readonly string[] => {
  const known = new Map<string, number>();
  for (const name of before) known.set(name, (known.get(name) ?? 0) + 1);
  return after.filter((name) => {
    const left = known.get(name) ?? 0;
    known.set(name, left - 1);
    return left <= 0;
  });
};

/**
 * Children, theirs, and orphans of any of them, which the temporary folder in their environment gives away. Empty
 * where the system has no /proc: children are open handles too.
 */
const descendants = (temporaryFolder: string): readonly string[] => {
  const parents = new Map<number, number>();
  const found = new Set<number>();
  for (const pid of processIds()) {
    const parent = parentOf(pid);
    if (parent === undefined) continue;
    parents.set(pid, parent);
    if (textOf(`/proc/${pid}/environ`).includes(`TMPDIR=${temporaryFolder}\0`)) found.add(pid);
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === process.pid || isOurs(parents.get(pid)));
  return [...parents.keys()]
    .filter((pid) => pid !== process.pid && (found.has(pid) || isOurs(pid)))
    .map((pid) => `${pid} ${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 200)}`);
};

const processIds = (): readonly number[] => {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
};

/** Undefined for one that is gone, or has ended and waits to be asked for its code. */
const parentOf = (pid: number): number | undefined => {
  // The name in brackets may hold anything; state and parent come after it.
  const [state, parent] = (textOf(`/proc/${pid}/stat`).split(') ').at(-1) ?? '').split(' ');
  return state === 'Z' || parent === undefined ? undefined : Number(parent);
};

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // gone, or another user's
  }
};
