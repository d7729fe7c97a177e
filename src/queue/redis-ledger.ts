// The accounts of all cameras over all processes, kept in Redis by the scripts that move the frames.
import type { CameraId } from '../core/ids.ts';
import type { DropReason } from '../core/ports/frame-queue.ts';
import type { RedisLink } from './redis-link.ts';

/** captured = scored + dropped (by reason) + waiting + leased. */
export interface CameraAccount {
  readonly captured: number;
  readonly scored: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly waiting: number;
  readonly leased: number;
}

export interface RedisLedgerOptions {
  readonly link: RedisLink;
}

export class RedisLedger {
  readonly #options: RedisLedgerOptions;

  constructor(options: RedisLedgerOptions) {
    this.#options = options;
  }

  /**
   * All accounts at one instant.
   *
   * @throws PatchwatchError QUEUE_UNAVAILABLE
   */
  read(): Promise<ReadonlyMap<CameraId, CameraAccount>> {
    return Promise.reject(this.#options.link.unavailable(new Error('not made yet')));
  }
}
