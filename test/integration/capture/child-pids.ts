// Which processes this test process has started and are still there (zombies count as gone).
import { readdirSync, readFileSync } from 'node:fs';

interface ProcessStat {
  readonly pid: number;
  readonly parentPid: number;
  readonly isZombie: boolean;
}

/** /proc/PID/stat: pid (name) state ppid …; the name may hold spaces and parentheses. */
const readStat = (pid: number): ProcessStat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parentPid] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, parentPid: Number(parentPid), isZombie: state === 'Z' };
  } catch {
    return undefined;
  }
};

export const childPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined)
    .filter((stat) => stat.parentPid === process.pid && !stat.isZombie)
    .map((stat) => stat.pid);
