// BullMQ as the carrier of turns: who may take next, on which machine. A turn names a camera, never a segment,
// and holds no pixels: the line in Redis knows what is the camera's oldest. Workers are used by hand (fetched
// in batches, locks renewed here), as BullMQ itself would run one job a promise.
import { randomUUID } from 'node:crypto';

import { Queue, Worker, type Job } from 'bullmq';
import { z } from 'zod';

import { toError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import { cameraField, countField } from '../entries/fields.ts';
import { EntryError, parseEntry } from '../entries/parse-entry.ts';
import type { RedisLink } from '../redis/redis-link.ts';

const NAME = 'turns';
/** BullMQ's own limit; turns beyond it are served in the order they came. */
const LOWEST_PRIORITY = 2_097_151;
/** How long one wait for a turn lasts before BullMQ looks itself. */
const BLOCK_SECONDS = 2;
/** A wait longer than that is a connection that will never answer (seen after reconnects). */
const STUCK_MS = 15_000;
const STUCK_BESIDE_WORK_MS = 2_000;
const KEPT_EVENTS = 1_000;

export interface Turn {
  readonly id: string;
  readonly camera: string;
  /** Virtual time at which it is due. */
  readonly start: number;
  readonly epoch: number;
}

type TurnData = Omit<Turn, 'id'>;

/** A turn that this process holds the lock of. */
export interface HeldTurn extends Turn {
  readonly token: string;
  readonly job: Job<TurnData>;
}

export interface TurnQueueOptions {
  readonly link: RedisLink;
  readonly lockMs: number;
  readonly logger: Logger;
}

const turnSchema = z.object({ camera: cameraField, start: z.number(), epoch: countField });

/** Turns are named after the segment that they were issued for, though they may serve another of its camera. */
export const segmentOfTurn = (id: string): string => id.split('~', 1)[0] ?? id;

/** Of one that takes the place of another. */
export const nextTurnId = (id: string): string => `${segmentOfTurn(id)}~${randomUUID()}`;

/** A job that can't be read stays one, without data: it is found to be no turn and ended like any other. */
class TurnWorker extends Worker<TurnData> {
  protected override createJob(...[json, id]: Parameters<Worker<TurnData>['createJob']>) {
    try {
      return super.createJob(json, id);
    } catch {
      return super.createJob({ ...json, data: '{}' }, id);
    }
  }
}

export class TurnQueue {
  readonly #options: TurnQueueOptions;
  readonly #takerId = randomUUID();
  #queue: Queue<TurnData> | undefined;
  #worker: Worker<TurnData> | undefined;
  readonly #completing = new Set<Promise<void>>();
  #fetched = 0;
  #waitingSinceMs: number | undefined;

  constructor(options: TurnQueueOptions) {
    this.#options = options;
  }

  async add(turns: readonly Turn[]): Promise<void> {
    if (turns.length === 0) return;
    await this.#open().addBulk(
      turns.map(({ id, camera, start, epoch }) => ({
        name: NAME,
        data: { camera, start, epoch },
        opts: { jobId: id, priority: Math.min(LOWEST_PRIORITY, 1 + start) },
      })),
    );
  }

  /** At most `count` turns that are there now. */
  async fetch(count: number): Promise<readonly HeldTurn[]> {
    const worker = this.#work();
    const fetching = Array.from({ length: count }, () => this.#next(worker, false));
    const answers = await Promise.allSettled(fetching);
    const turns = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? (answer.value ?? []) : [],
    );
    // Those that came are held: they must not be lost with the one that failed.
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (turns.length === 0 && failed !== undefined) throw toError(failed.reason);
    return turns;
  }

  /** Waits a few seconds for a turn. */
  async wait(): Promise<HeldTurn | undefined> {
    this.#waitingSinceMs = performance.now();
    try {
      return await this.#next(this.#work(), true);
    } finally {
      this.#waitingSinceMs = undefined;
    }
  }

  /** The turn is used up. One whose lock was lost comes back by itself, and is void. */
  async complete({ job, token, id }: HeldTurn): Promise<void> {
    await job.moveToCompleted(0, token, false).catch((error: unknown) => {
      this.#options.logger.debug('turn was not completed', {
        turn: id,
        reason: toError(error).message,
      });
    });
  }

  /** The same, without anybody waiting for it but the end. */
  completeSoon(turn: HeldTurn): void {
    const completing = this.complete(turn).finally(() => this.#completing.delete(completing));
    this.#completing.add(completing);
  }

  /** The turn goes back to its place. */
  async putBack({ job, token, id }: HeldTurn): Promise<void> {
    try {
      await job.moveToWait(token);
      // BullMQ leaves this out, and whoever waits for a turn would not wake up.
      await this.#options.link.commands.zadd(this.#open().toKey('marker'), 0, '0');
    } catch (error) {
      const reason = toError(error).message;
      this.#options.logger.debug('turn was not put back', { turn: id, reason });
    }
  }

  /** Ids of those whose lock was lost. */
  renew(turns: readonly HeldTurn[]): Promise<readonly string[]> {
    return this.#work().extendJobLocks(
      turns.map(({ id }) => id),
      turns.map(({ token }) => token),
      this.#options.lockMs,
    );
  }

  /** Turns that nobody holds. */
  waitingCount(): Promise<number> {
    return this.#open().getJobCountByTypes('wait', 'prioritized');
  }

  async exists(id: string): Promise<boolean> {
    return (await this.#open().getJob(id)) !== undefined;
  }

  /** A wait that should have ended is given up with its connection. */
  replaceWhenStuck(waitingTurns: number): void {
    const limitMs = waitingTurns > 0 ? STUCK_BESIDE_WORK_MS : STUCK_MS;
    const sinceMs = this.#waitingSinceMs;
    const worker = this.#worker;
    if (worker === undefined || sinceMs === undefined) return;
    if (performance.now() - sinceMs < limitMs) return;
    this.#options.logger.warn('waited in vain for a turn: taking a new connection', {
      waitingTurns,
    });
    void worker.close(true);
    this.#worker = undefined;
  }

  /** Ends the wait under way. Turns that are held can still be completed or put back. */
  async close(): Promise<void> {
    await Promise.all(this.#completing);
    await this.#worker?.close(true);
    await this.#queue?.close();
  }

  async #next(worker: Worker<TurnData>, block: boolean): Promise<HeldTurn | undefined> {
    const token = `${this.#takerId}.${this.#fetched++}`;
    // Undefined when there is none, whatever its type says.
    const job = (await worker.getNextJob(token, { block })) as Job<TurnData> | undefined;
    if (job?.id === undefined) return undefined;
    const { id } = job;
    try {
      return { ...parseEntry(turnSchema, job.data, 'turn'), id, token, job };
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      const entry = Buffer.from(JSON.stringify(job.data));
      this.#options.link.setAside('turn', { place: `${NAME}:${id}`, reason: error.message, entry });
      const nothing = { camera: '', start: 0, epoch: 0 };
      await this.complete({ ...nothing, id, token, job });
      return undefined;
    }
  }

  #open(): Queue<TurnData> {
    if (this.#queue === undefined) {
      this.#queue = new Queue<TurnData>(NAME, {
        connection: this.#options.link.commands,
        prefix: this.#options.link.prefix,
        defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
        streams: { events: { maxLen: KEPT_EVENTS } },
      });
      this.#queue.on('error', this.#complain);
    }
    return this.#queue;
  }

  #work(): Worker<TurnData> {
    if (this.#worker === undefined) {
      const { link, lockMs } = this.#options;
      this.#worker = new TurnWorker(NAME, null, {
        connection: link.commands,
        prefix: link.prefix,
        autorun: false,
        lockDuration: lockMs,
        stalledInterval: lockMs / 2,
        // How often a segment may stall is counted with the segment.
        maxStalledCount: Number.MAX_SAFE_INTEGER,
        drainDelay: BLOCK_SECONDS,
      });
      this.#worker.on('error', this.#complain);
      void this.#worker.startStalledCheckTimer();
    }
    return this.#worker;
  }

  readonly #complain = (error: Error): void => {
    this.#options.logger.debug('bullmq complains', { reason: error.message });
  };
}
