// Takes segments from the queue, has them scored, and settles them. Two batches are under way at
// once, so that the scorer never waits for the next one. While it is busy anyway, the next may wait to fill up.
import type { BatchPolicy } from '../core/batch-policy.ts';
import { abortWith } from '../core/deferred.ts';
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
  /** Asked for each batch: it is measured while work goes on. */
  readonly batching: () => BatchPolicy;
  /** No frame waits longer for others, whatever the policy says. */
  readonly maxWaitMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const frameCount = (leases: readonly SegmentLease[]): number =>
  leases.reduce((sum, { segment }) => sum + segment.stamps.length, 0);

export class WorkerLoop {
  readonly #options: WorkerLoopOptions;
  #batchesInScorer = 0;
  /** Ends the wait of the batch that fills up. */
  #filling: AbortController | undefined;

  constructor(options: WorkerLoopOptions) {
    this.#options = options;
  }

  /** Works until the signal aborts or the queue closes; resolves when the batches under way have ended. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: BATCHES_UNDER_WAY }, () => this.#work(signal)));
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { queue, batching } = this.#options;
      const leases = await queue.take(batching().frames, signal);
      if (leases.length === 0) return;
      const more = await this.#fill(batching().frames - frameCount(leases), signal);
      await this.#score([...leases, ...more], signal);
    }
  }

  /** What comes while the scorer is busy with the other batch, within the time. */
  async #fill(room: number, signal: AbortSignal): Promise<readonly SegmentLease[]> {
    const { queue, clock, batching, maxWaitMs } = this.#options;
    const { waitMs } = batching();
    const leases: SegmentLease[] = [];
    if (this.#batchesInScorer === 0 || waitMs === 0 || room <= 0) return leases;
    const end = new AbortController();
    this.#filling = end;
    const expire = (): void => {
      end.abort();
    };
    clock.sleep(Math.min(waitMs, maxWaitMs), end.signal).then(expire, expire);
    const forget = abortWith(end, signal);
    try {
      while (frameCount(leases) < room) {
        const more = await queue.take(room - frameCount(leases), end.signal);
        if (more.length === 0) break;
        leases.push(...more);
      }
      return leases;
    } finally {
      forget();
      end.abort();
    }
  }

  async #score(leases: readonly SegmentLease[], signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    let outcomes: readonly SegmentOutcome[];
    try {
      outcomes = await this.#outcomes(leases, signal);
    } catch (thrown) {
      logger.warn('batch failed: giving its segments back', {
        segments: leases.length,
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

  async #outcomes(
    leases: readonly SegmentLease[],
    signal: AbortSignal,
  ): Promise<readonly SegmentOutcome[]> {
    this.#batchesInScorer += 1;
    try {
      return await this.#options.scorer.score(
        leases.map((lease) => lease.segment),
        signal,
      );
    } finally {
      this.#batchesInScorer -= 1;
      this.#filling?.abort();
    }
  }
}
