// Numbers the runs of capture, so that the frames of a later one count on above those of all before.
import { MAX_RUNS, RUN_SEQUENCES } from '../core/frame.ts';
import type { RedisLink } from './redis-link.ts';
import { RedisScript } from './redis-script.ts';

export const runsKey = (link: RedisLink): string => `${link.prefix}:runs`;

/**
 * Where the number can't be read, it goes on with the hours since 1970: above what runs can have come to by counting.
 * Returns the number of runs before this one, and what was there instead of a number.
 */
const BEGIN = new RedisScript('begin-run');

/** Sequence of the first frame of a run that begins now; 0 for the first of all. */
export const beginRun = async (link: RedisLink): Promise<number> => {
  const key = runsKey(link);
  const [runs, instead] = (await BEGIN.run(link, [key], [MAX_RUNS - 1])) as [number, Buffer?];
  if (instead !== undefined)
    link.setAside('run', { place: key, reason: 'it is no number of runs', entry: instead });
  return runs * RUN_SEQUENCES;
};
