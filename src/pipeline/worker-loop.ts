// Takes segments from the queue, has them scored, and settles them. Two batches are under way at
// once, so that the scorer never waits for the next one.
import { toError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FrameQueue, SegmentLease, SegmentOutcome } from '../core/ports/frame-queue.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { SegmentScorer } from '../core/ports/segment-scorer.ts';

const BATCHES_UNDER_WAY = 2;
/** After a failed batch, so that a scorer that fails at once is not asked in a tight loop. */
const PAUSE_AFTER_FAILURE_MS = 100;

export interface WorkerLoopOptions {
  readonly queue: FrameQueue;
  readonly scorer: SegmentScorer;
  readonly batchFrames: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class WorkerLoop {
  readonly #options: WorkerLoopOptions;

  constructor(options: WorkerLoopOptions) {
    this.#options = options;
  }

  /** Works until the signal aborts or the queue closes; resolves when the batches under way have ended. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: BATCHES_UNDER_WAY }, () => this.#work(signal)));
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const leases = await this.#options.queue.take(this.#options.batchFrames, signal);
      if (leases.length === 0) return;
      await this.#score(leases, signal);
    }
  }

  async #score(leases: readonly SegmentLease[], signal: AbortSignal): Promise<void> {
    const { scorer, clock, logger } = this.#options;
    const segments = leases.map((lease) => lease.segment);
    let outcomes: readonly SegmentOutcome[];
    try {
      outcomes = await scorer.score(segments, signal);
    } catch (thrown) {
      logger.warn('batch failed: giving its segments back', {
        segments: segments.length,
        error: toError(thrown).message,
      });
      for (const lease of leases) await lease.giveBack();
      await clock.sleep(PAUSE_AFTER_FAILURE_MS, signal).catch(() => undefined);
      return;
    }
    for (const [index, lease] of leases.entries()) {
      await lease.settle(outcomes[index] ?? { kind: 'dropped', reason: 'scorer_failed' });
    }
  }
}
