// How many sockets a server may hold without leaving the process no descriptors for its cameras, files and children.
import { readFileSync } from 'node:fs';

/** Where the system does not tell. */
const USUAL_LIMIT = 1_024;
/** A quarter is clients'; cameras need some each, and a limit is only ever low by mistake. */
const SHARE = 4;
const FEWEST = 8;

/** Descriptors that this process may have open at a time. */
export const descriptorLimit = (): number => {
  try {
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(
      readFileSync('/proc/self/limits', 'utf8'),
    )?.[1];
    return soft === undefined || soft === 'unlimited' ? USUAL_LIMIT : Number(soft);
  } catch {
    return USUAL_LIMIT;
  }
};

/** @param wanted sockets, if the limit allows them */
export const socketLimit = (wanted: number, limit = descriptorLimit()): number =>
  Math.max(FEWEST, Math.min(wanted, Math.floor(limit / SHARE)));
