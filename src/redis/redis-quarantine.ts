// Entries in Redis that are not what was written there: set aside under a bounded stream, so that somebody can look
// at them, counted, and told now and then. Whoever finds one takes it out of the way and goes on.
import { toError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';

/** Of one kind, a line is written at most so often. */
const TELL_MS = 60_000;
const MOST_BYTES = 4_096;
export const MOST_SET_ASIDE = 100;

export type SetAsideKind =
  | 'account'
  | 'event'
  | 'frame'
  | 'key'
  | 'lease'
  | 'model'
  | 'outcome'
  | 'presence'
  | 'run'
  | 'segment'
  | 'state'
  | 'turn';

export interface SetAside {
  /** Key, field or id that it was found at. */
  readonly place: string;
  readonly reason: string;
  /** As found; only its beginning is kept. */
  readonly entry?: Uint8Array;
}

export interface RedisQuarantineOptions {
  /** Adds fields and values to the stream. */
  readonly write: (fields: readonly (string | Buffer)[]) => Promise<unknown>;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class RedisQuarantine {
  readonly #options: RedisQuarantineOptions;
  readonly #told = new Map<SetAsideKind, { atMs: number; sinceCount: number }>();

  constructor(options: RedisQuarantineOptions) {
    this.#options = options;
  }

  /** Never throws, never waits. */
  add(kind: SetAsideKind, { place, reason, entry }: SetAside): void {
    const { write, logger, meter } = this.#options;
    meter.add('patchwatch_redis_set_aside_total', { kind });
    this.#tell(kind, place, reason);
    const kept = Buffer.from((entry ?? new Uint8Array()).subarray(0, MOST_BYTES));
    const text = [kind, place.slice(0, MOST_BYTES), reason.slice(0, MOST_BYTES)] as const;
    write(['kind', text[0], 'place', text[1], 'reason', text[2], 'entry', kept]).catch(
      (error: unknown) => {
        logger.debug('what was set aside could not be kept', { reason: toError(error).message });
      },
    );
  }

  #tell(kind: SetAsideKind, place: string, reason: string): void {
    const told = this.#told.get(kind) ?? { atMs: -Infinity, sinceCount: 0 };
    this.#told.set(kind, told);
    told.sinceCount += 1;
    const nowMs = performance.now();
    if (nowMs - told.atMs < TELL_MS) return;
    this.#options.logger.warn('an entry in redis is not what patchwatch writes: set aside', {
      kind,
      place: place.slice(0, 200),
      reason: reason.slice(0, 200),
      count: told.sinceCount,
      remedy: 'keep other programs out of this namespace: a user or a database of its own',
    });
    told.atMs = nowMs;
    told.sinceCount = 0;
  }
}
