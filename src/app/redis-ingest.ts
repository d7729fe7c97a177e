// The ingest role as a process of its own: captures into the queue on Redis.
import { beginRun } from '../redis/redis-runs.ts';
import { RedisFrames } from '../redis/redis-frames.ts';
import { IngestReports } from '../ingest/ingest-reports.ts';
import { Ingest } from '../ingest/ingest.ts';
import type { RedisRole, RedisBase } from './redis-base.ts';
import { repeat } from '../process/repeat.ts';
import { openMedian } from '../motion/open-median.ts';
import { systemClock } from '../process/system-clock.ts';

const BEAT_MS = 1_500;
const REFRESH_MS = 500;

export class RedisIngest implements RedisRole {
  readonly #parts: RedisBase;
  readonly #reports: IngestReports;
  readonly #stop = new AbortController();
  #role: Ingest | undefined;
  /** A beat is on its way, and something has changed since. */
  #isTelling = false;
  #hasChanged = false;
  #repeating: Promise<unknown> = Promise.resolve();

  constructor(parts: RedisBase) {
    this.#parts = parts;
    this.#reports = new IngestReports({
      cameras: parts.cameras.map(({ id }) => id),
      frames: new RedisFrames({ link: parts.link }),
      isUp: () => parts.link.isUp,
      onChange: () => {
        this.#tellNow();
      },
    });
  }

  async start(): Promise<void> {
    const { config, cameras, queue, pool, link, logger, meter } = this.#parts;
    this.#role = new Ingest({
      config,
      cameras,
      startAtMs: undefined,
      firstSequence: await beginRun(link),
      queue,
      pool,
      median: await openMedian(),
      watcher: this.#reports,
      taps: [this.#reports.tap],
      // Counted by the queue, in the ledger that all processes share.
      onCaptured: () => undefined,
      onLeftOut: (camera, reason) => {
        queue.leaveOut(camera, reason);
      },
      clock: systemClock,
      logger,
      meter,
    });
    this.#role.start();
    this.#repeating = Promise.all([
      this.#repeat('saying that ingest lives', BEAT_MS, () => this.#beat()),
      this.#repeat('asking which cameras are looked at', REFRESH_MS, () => this.#reports.refresh()),
    ]);
    logger.info('capturing', { cameras: cameras.length });
  }

  async stop(): Promise<void> {
    const { presence, id } = this.#parts;
    this.#stop.abort();
    await this.#role?.stop();
    await this.#repeating;
    await presence.leave(id).catch(() => undefined); // then it is forgotten
  }

  #repeat(what: string, everyMs: number, run: () => Promise<void>): Promise<void> {
    const { link, logger } = this.#parts;
    const isPossible = (): boolean => link.isUp;
    const options = { what, everyMs, isPossible, run, clock: systemClock, logger };
    return repeat(options, this.#stop.signal);
  }

  async #beat(): Promise<void> {
    await this.#parts.presence.beat(this.#parts.id, this.#reports.facts());
  }

  /** Each beat tells of all cameras: one at a time, however many change at once. */
  #tellNow(): void {
    this.#hasChanged = true;
    if (this.#isTelling || !this.#parts.link.isUp || this.#stop.signal.aborted) return;
    this.#isTelling = true;
    this.#hasChanged = false;
    this.#beat()
      .catch(() => undefined) // the next beat tells it
      .finally(() => {
        this.#isTelling = false;
        if (this.#hasChanged) this.#tellNow();
      });
  }
}
