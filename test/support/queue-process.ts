// One process's end of a queue in Redis, with connections of its own; several in one test stand for several
// machines. Dying takes the connections away and tells nobody, as kill -9 does.
import { randomUUID } from 'node:crypto';

import { systemClock } from '../../src/process/system-clock.ts';
import type { Segment } from '../../src/core/frame.ts';
import { cameraId, sceneId } from '../../src/core/ids.ts';
import type {
  OutcomeListener,
  SegmentFacts,
  SegmentLease,
  SegmentOutcome,
} from '../../src/core/ports/frame-queue.ts';
import { silentLogger, type Logger } from '../../src/core/ports/logger.ts';
import { silentMeter } from '../../src/core/ports/meter.ts';
import { BullmqFrameQueue, type BullmqQueueOptions } from '../../src/queue/bullmq-queue.ts';
import { RedisJournal } from '../../src/redis/redis-journal.ts';
import { RedisLedger, type CameraAccount } from '../../src/redis/redis-ledger.ts';
import { RedisLink } from '../../src/redis/redis-link.ts';
import { RedisOutcomes } from '../../src/redis/redis-outcomes.ts';
import type { RedisSettings } from '../../src/redis/redis-settings.ts';

export interface QueueProcessOptions extends Partial<Omit<BullmqQueueOptions, 'link'>> {
  readonly settings: RedisSettings;
  readonly logger?: Logger;
}

export class QueueProcess implements AsyncDisposable {
  readonly link: RedisLink;
  readonly queue: BullmqFrameQueue;
  readonly ledger: RedisLedger;
  readonly outcomes: RedisOutcomes;
  readonly journal: RedisJournal;
  #isDead = false;

  private constructor({ settings, ...options }: QueueProcessOptions) {
    const logger = options.logger ?? silentLogger;
    this.link = new RedisLink({ settings, logger, meter: silentMeter });
    this.ledger = new RedisLedger({ link: this.link });
    this.outcomes = new RedisOutcomes({ link: this.link, clock: systemClock, logger });
    const token = randomUUID();
    this.journal = new RedisJournal({ link: this.link, token, keptEvents: 1, clock: systemClock });
    this.queue = new BullmqFrameQueue({
      maxFramesPerCamera: 1_000,
      maxFrames: 10_000,
      maxFrameAgeMs: 60_000,
      lockMs: 1_000,
      clock: systemClock,
      meter: silentMeter,
      ...options,
      link: this.link,
      logger,
    });
  }

  static async start(options: QueueProcessOptions): Promise<QueueProcess> {
    const process = new QueueProcess(options);
    await process.link.start();
    return process;
  }

  take(maxFrames: number): Promise<readonly SegmentLease[]> {
    return this.queue.take(maxFrames, AbortSignal.timeout(20_000));
  }

  /** Hears outcomes as a gateway does, which acknowledges each when it is done with it. */
  async hear(told: Told, signal: AbortSignal): Promise<void> {
    const commits: Promise<unknown>[] = [];
    await this.outcomes.run((segment, outcome, id) => {
      told.listener(segment, outcome);
      const entry = { states: new Map(), events: [], done: [id], runCount: 0 };
      commits.push(this.journal.commit(entry).catch(() => undefined));
    }, signal);
    await Promise.all(commits);
    await this.journal.release();
  }

  async account(camera: string): Promise<CameraAccount | undefined> {
    return (await this.ledger.read()).get(cameraId(camera));
  }

  async die(): Promise<void> {
    this.#isDead = true;
    await this.link.close();
    await this.queue.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDead) return;
    await this.queue.close();
    await this.link.close();
  }
}

/** Frames that were captured and whose end is known, or that wait, or that somebody holds. */
export const accountedFor = (account: CameraAccount | undefined): number =>
  account === undefined
    ? 0
    : account.scored +
      account.waiting +
      account.leased +
      Object.values(account.dropped).reduce((sum, frames) => sum + frames, 0);

export const segmentOf = (
  camera: string,
  first: number,
  { frameCount = 1, bytes = 8 }: { readonly frameCount?: number; readonly bytes?: number } = {},
): Segment => ({
  id: `${camera}-run-${first}`,
  cameraId: cameraId(camera),
  sceneId: sceneId('default'),
  stamps: Array.from({ length: frameCount }, (_, index) => ({
    sequence: first + index,
    capturedAtMs: Date.now(),
    mediaTimeMs: first + index,
  })),
  hasContext: false,
  pixels: new Uint8Array(bytes).fill(first % 256),
});

export const scoreOf = ({ id, cameraId, sceneId, stamps }: SegmentFacts): SegmentOutcome => ({
  kind: 'scored',
  score: {
    ...{ segmentId: id, cameraId, sceneId, stamps, side: 1, modelVersion: 'v1', threshold: 1 },
    maps: Float32Array.from(stamps, ({ sequence }) => sequence),
  },
});

/** Remembers what it is told, as `id: how it ended`. */
export class Told {
  readonly endings: string[] = [];

  readonly listener: OutcomeListener = ({ id }, outcome) => {
    this.endings.push(`${id}: ${outcome.kind === 'scored' ? 'scored' : outcome.reason}`);
  };
}
