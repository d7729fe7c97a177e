// Does something again and again beside everything else: never twice at a time, never into a Redis that is away.
import { toError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';

export interface RepeatOptions {
  readonly what: string;
  readonly everyMs: number;
  readonly isPossible: () => boolean;
  readonly run: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Until the signal aborts; never rejects. A failure is logged when it begins. */
export const repeat = async (options: RepeatOptions, signal: AbortSignal): Promise<void> => {
  const { what, everyMs, isPossible, run, clock, logger } = options;
  let isFailing = false;
  while (!signal.aborted) {
    try {
      if (isPossible()) await run();
      isFailing = false;
    } catch (thrown) {
      if (!isFailing) logger.warn(`${what} failed`, { reason: toError(thrown).message });
      isFailing = true;
    }
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
};
