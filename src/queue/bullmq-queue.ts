// The frame queue of several machines: lines and leases in Redis, BullMQ carries the turns.
import type { Segment } from '../core/frame.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameQueue, SegmentLease } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Meter } from '../core/ports/meter.ts';
import type { RedisLink } from './redis-link.ts';

export interface BullmqQueueOptions {
  readonly link: RedisLink;
  readonly maxFramesPerCamera: number;
  /** Over all cameras. */
  readonly maxFrames: number;
  readonly maxFrameAgeMs: number;
  /** A worker that does not renew its leases for this long is taken for dead. */
  readonly lockMs: number;
  /** This process's own: how old a segment is when it is offered. */
  readonly clock: Clock;
  /** Judges ages from then on; Redis's own clock when undefined, so that hosts need not agree. */
  readonly ageClock?: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class BullmqFrameQueue implements FrameQueue {
  readonly #options: BullmqQueueOptions;

  constructor(options: BullmqQueueOptions) {
    this.#options = options;
  }

  offer(segment: Segment): Promise<void> {
    return Promise.reject(this.#options.link.unavailable(segment));
  }

  take(maxFrames: number, signal: AbortSignal): Promise<readonly SegmentLease[]> {
    return Promise.reject(this.#options.link.unavailable({ maxFrames, signal }));
  }

  depth(): Promise<{ readonly frames: number; readonly oldestAgeMs: number }> {
    return Promise.reject(this.#options.link.unavailable(new Error('not made yet')));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
