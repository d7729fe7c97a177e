// Numbers the runs of capture, so that the frames of a later one count on above those of all before.
import { RUN_SEQUENCES } from '../core/frame.ts';
import type { RedisLink } from './redis-link.ts';

export const runsKey = (link: RedisLink): string => `${link.prefix}:runs`;

/** Sequence of the first frame of a run that begins now; 0 for the first of all. */
export const beginRun = async (link: RedisLink): Promise<number> =>
  ((await link.ask(() => link.commands.incr(runsKey(link)))) - 1) * RUN_SEQUENCES;
