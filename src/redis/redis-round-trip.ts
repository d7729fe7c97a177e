// How far away Redis is: asked every few seconds, shown, and told once where it is too far for what frames are
// allowed to take (docs/ref/redis.md).
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { RedisLink } from './redis-link.ts';

const KEPT = 5;
/** What a frame may need from its capture to its alert, one after the other. */
const ROUND_TRIPS = 12;
/** Beyond this, work is not handed out as fast as it comes. */
const SUPPORTED_MS = 250;

export interface RedisRoundTripOptions {
  readonly link: RedisLink;
  /** How old a frame may get. */
  readonly maxFrameAgeMs: number;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class RedisRoundTrip {
  readonly #options: RedisRoundTripOptions;
  #lastMs: number[] = [];
  #isFar = false;

  constructor(options: RedisRoundTripOptions) {
    this.#options = options;
  }

  /** @throws PatchwatchError QUEUE_UNAVAILABLE */
  async measure(): Promise<void> {
    const { link, meter } = this.#options;
    const startMs = performance.now();
    await link.ask(() => link.commands.ping());
    this.#lastMs = [...this.#lastMs, performance.now() - startMs].slice(-KEPT);
    const roundTripMs = this.#lastMs.toSorted((a, b) => a - b)[this.#lastMs.length >> 1] ?? 0;
    meter.set('patchwatch_redis_round_trip_seconds', {}, roundTripMs / 1_000);
    if (this.#lastMs.length === KEPT) this.#judge(roundTripMs);
  }

  #judge(roundTripMs: number): void {
    const { maxFrameAgeMs, logger } = this.#options;
    const limitMs = Math.min(SUPPORTED_MS, maxFrameAgeMs / ROUND_TRIPS);
    const isFar = roundTripMs > limitMs;
    if (isFar && !this.#isFar) {
      logger.warn('redis is far away: frames get old on their way, and are given up', {
        roundTripMs: Math.round(roundTripMs),
        supportedMs: Math.round(limitMs),
        remedy: 'run Redis nearer, or allow more with queue.maxFrameAge',
      });
    }
    this.#isFar = isFar;
  }
}
