// What a process and all its descendants take of the machine, as Linux tells it.
import { readdirSync, readFileSync } from 'node:fs';

export interface TreeUsage {
  /** Spent so far, by those alive and by the children they have seen end. */
  readonly cpuSeconds: number;
  /** Resident memory; pages shared by several processes count in each. */
  readonly rssBytes: number;
  /** Proportional: shared pages are divided among those who share them. */
  readonly pssBytes: number;
}

/** The kernel's unit in /proc, on every Linux that runs Node. */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
}

const timesOf = (pid: number): ProcessTimes | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; fields are counted from behind it, the state being the third.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    return { pid, parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND };
  } catch {
    return undefined; // ended meanwhile
  }
};

/** Bytes; 0 for a process that has ended. */
export const memoryOf = (pid: number, field: 'Rss' | 'Pss'): number => {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) * 1_024;
  } catch {
    return 0; // ended meanwhile
  }
};

const withDescendants = (root: number, processes: readonly ProcessTimes[]): ProcessTimes[] => {
  const found = processes.filter(({ pid }) => pid === root);
  // Grows while it is walked through: each adds its children behind.
  for (const { pid } of found) found.push(...processes.filter(({ parent }) => parent === pid));
  return found;
};

/** Undefined where there is no /proc. */
export const treeUsage = (root: number): TreeUsage | undefined => {
  if (process.platform !== 'linux') return undefined;
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => timesOf(Number(name)) ?? []);
  const tree = withDescendants(root, processes);
  const sum = (valueOf: (one: ProcessTimes) => number): number =>
    tree.reduce((total, one) => total + valueOf(one), 0);
  return {
    cpuSeconds: sum((one) => one.cpuSeconds),
    rssBytes: sum((one) => memoryOf(one.pid, 'Rss')),
    pssBytes: sum((one) => memoryOf(one.pid, 'Pss')),
  };
};
